#!/usr/bin/env bash
# An S3 server to test against: Ceph on one node of 127.0.0.1, that is a monitor,
# an object store that keeps everything in memory, and the S3 gateway.
#   scripts/ceph.sh start    does nothing when the gateway answers already
#   scripts/ceph.sh stop     what was stored is gone
# CEPH_PORT is the gateway's; the monitor's is the next one, the store's are ten and
# more above. Key and secret are public: nothing but tests may ever lie in it.
set -euo pipefail
cd "$(dirname "$0")/.."

port=${CEPH_PORT:-7480}
access_key=weigong
secret_key=weigong-development
home=$PWD/var/ceph
conf=$home/ceph.conf

# Whether something that speaks HTTP answers on the gateway's port.
answers() {
    (
        exec 3<>"/dev/tcp/127.0.0.1/$port"
        printf 'GET / HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' >&3
        IFS= read -r -t 5 line <&3
        [[ $line == "HTTP/"*" 200 "* ]]
    ) 2>/dev/null
}

# Run a command until it succeeds, for at most $1 seconds.
until_done() {
    local ends=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < ends)) || { echo "Ceph did not start: $* (see $home/*.log)"; exit 1; }
        sleep 0.2
    done
}

write_conf() {
    cat >"$conf" <<CONF
[global]
fsid=$1
mon_host=[v2:127.0.0.1:$((port + 1))]
public_network=127.0.0.0/8
cluster_network=127.0.0.0/8
ms_bind_ipv6=false
ms_bind_port_min=$((port + 10))
ms_bind_port_max=$((port + 60))
keyring=$home/keyring
log_file=$home/\$name.log
pid_file=$home/\$name.pid
# a path to a socket may have 107 characters, and nobody asks through it
admin_socket=
# one node, one copy, in memory
osd_objectstore=memstore
memstore_device_bytes=4294967296
osd_pool_default_size=1
osd_pool_default_min_size=1
osd_pool_default_pg_num=8
osd_pool_default_pgp_num=8
osd_pool_default_pg_autoscale_mode=off
osd_crush_chooseleaf_type=0
mon_allow_pool_size_one=true
mon_warn_on_pool_no_redundancy=false
mon_max_pg_per_osd=2000
mon_data=$home/mon
osd_data=$home/osd
# the disk of a workstation may be nearly full
mon_data_avail_crit=1
mon_data_avail_warn=2
auth_allow_insecure_global_id_reclaim=false
# deleted objects give their memory back within a minute
rgw_gc_obj_min_wait=30
rgw_gc_processor_period=30
[client.rgw]
rgw_data=$home/rgw
rgw_frontends=beast endpoint=127.0.0.1:$port
rgw_dns_name=127.0.0.1
rgw_thread_pool_size=16
CONF
}

write_keys() {
    local keyring=$home/keyring
    local all=(--cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *')
    ceph-authtool -C "$keyring" --gen-key -n mon. --cap mon 'allow *'
    ceph-authtool "$keyring" --gen-key -n client.admin "${all[@]}"
    ceph-authtool "$keyring" --gen-key -n client.rgw "${all[@]}"
    ceph-authtool "$keyring" --gen-key -n osd.0 \
        --cap mon 'allow profile osd' --cap osd 'allow *'
}

start() {
    if answers; then return; fi
    echo "== Starting Ceph's S3 gateway on 127.0.0.1:$port"
    stop
    mkdir -p "$home"/{mon,osd,rgw}
    local fsid osd
    fsid=$(</proc/sys/kernel/random/uuid)
    osd=$(</proc/sys/kernel/random/uuid)
    write_conf "$fsid"
    write_keys >/dev/null
    local with=(-c "$conf")

    monmaptool --create --fsid "$fsid" --addv a "[v2:127.0.0.1:$((port + 1))]" \
        "$home/monmap" >/dev/null
    ceph-mon "${with[@]}" --mkfs -i a --monmap "$home/monmap" --keyring "$home/keyring"
    ceph-mon "${with[@]}" -i a >/dev/null
    until_done 30 timeout 5 ceph "${with[@]}" osd new "$osd"

    ceph-osd "${with[@]}" -i 0 --mkfs --osd-uuid "$osd" >/dev/null 2>&1
    timeout 20 ceph "${with[@]}" osd crush add osd.0 1.0 root=default host=localhost \
        >/dev/null 2>&1
    ceph-osd "${with[@]}" -i 0 >/dev/null 2>&1
    until_done 30 eval 'timeout 5 ceph -c "$conf" osd stat | grep -q "1 up"'

    # The user first: where the gateway answers, everything is there.
    timeout 120 radosgw-admin "${with[@]}" -n client.rgw user create --uid=weigong \
        --display-name=weigong --access-key="$access_key" --secret="$secret_key" \
        >/dev/null 2>"$home/user.log" || { cat "$home/user.log"; exit 1; }
    radosgw "${with[@]}" -n client.rgw >/dev/null
    until_done 60 answers
}

# End what a pid file names, if it still is that program.
end() {
    local pid
    pid=$(cat "$home/$1.pid" 2>/dev/null) || return 0
    [[ $(cat "/proc/$pid/comm" 2>/dev/null) == "$2"* ]] || return 0
    kill "-$3" "$pid" 2>/dev/null || true
    for _ in {1..50}; do
        [[ -e /proc/$pid ]] || return 0
        sleep 0.1
    done
}

stop() {
    end client.rgw radosgw TERM
    end osd.0 ceph-osd KILL # gently it would wait for the monitor
    end mon.a ceph-mon TERM
    rm -rf "$home"
}

case ${1:-} in
    start | stop) "$1" ;;
    *) echo "scripts/ceph.sh start|stop" && exit 2 ;;
esac
