#!/usr/bin/env bash
# `make services`: what the tests want beside Python and npm, on Debian.
# Installs what is missing, starts PostgreSQL, Redis, an S3 server and clamd on
# 127.0.0.1, writes their addresses to var/services.env. Run it again whenever they
# do not answer.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p var

cluster=weigong
role=weigong

as_root() { if ((EUID)); then sudo "$@"; else "$@"; fi; }
as_postgres() { if ((EUID)); then sudo -u postgres "$@"; else runuser -u postgres -- "$@"; fi; }

# -- packages ----------------------------------------------------------------------
packages=()
want() { [[ -n $1 ]] || packages+=("${@:2}"); }
want "$(ls /usr/lib/postgresql/*/bin/postgres 2>/dev/null)" postgresql
want "$(command -v redis-server || true)" redis-server
want "$(command -v chromium-headless-shell || command -v chromium || true)" \
    chromium-headless-shell
want "$(ls -d /usr/share/fonts/opentype/noto 2>/dev/null)" fonts-noto-cjk
want "$(command -v msgfmt || true)" gettext
# opens what we write, as an office would: papers and spreadsheets
want "$(command -v soffice || true)" libreoffice-writer-nogui libreoffice-calc-nogui
want "$(ls /usr/lib/libreoffice/program/libsdlo.so 2>/dev/null)" \
    libreoffice-impress-nogui
# an S3 server that really locks objects; and the scanner
want "$(command -v radosgw || true)" ceph-mon ceph-osd radosgw
want "$(command -v clamd || true)" clamav-daemon
# stamps checkpoints in the tests, as an authority would
want "$(command -v openssl || true)" openssl
if ((${#packages[@]})); then
    echo "== Installing ${packages[*]}"
    command -v apt-get >/dev/null || {
        echo "This script knows Debian's apt-get only; install them by hand."
        exit 1
    }
    export DEBIAN_FRONTEND=noninteractive
    as_root apt-get update -q
    as_root apt-get install -q -y --no-install-recommends "${packages[@]}"
fi

# -- PostgreSQL: a cluster of our own, so that nobody else's is touched ------------
version=$(ls /usr/lib/postgresql | sort -n | tail -1)
port_of() { pg_lsclusters --no-header | awk -v v="$version" -v c="$cluster" '$1 == v && $2 == c { print $3 }'; }
if [[ -z $(port_of) ]]; then
    echo "== Creating the PostgreSQL $version cluster \"$cluster\""
    # fsync off: it holds nothing but tests and development data
    as_root pg_createcluster "$version" "$cluster" --encoding=UTF8 --locale=C.UTF-8 \
        -o fsync=off -o synchronous_commit=off \
        -o full_page_writes=off -o max_connections=200 >/dev/null
fi
port=$(port_of)
if ! pg_isready -q -h 127.0.0.1 -p "$port"; then
    echo "== Starting PostgreSQL on 127.0.0.1:$port"
    as_root pg_ctlcluster "$version" "$cluster" start
    for _ in {1..60}; do pg_isready -q -h 127.0.0.1 -p "$port" && break; sleep 0.5; done
fi
sql() { as_postgres psql -X -q -A -t -v ON_ERROR_STOP=1 -p "$port" -d postgres -c "$1"; }
[[ $(sql "SELECT 1 FROM pg_roles WHERE rolname = '$role'") == 1 ]] \
    || sql "CREATE ROLE $role LOGIN CREATEDB PASSWORD '$role'"
[[ $(sql "SELECT 1 FROM pg_database WHERE datname = '$role'") == 1 ]] \
    || sql "CREATE DATABASE $role OWNER $role"

# -- Redis ---------------------------------------------------------------------------
redis_port=${REDIS_PORT:-6379}
redis() { redis-cli -h 127.0.0.1 -p "$redis_port" ping 2>/dev/null; }
if [[ $(redis) != PONG ]]; then
    echo "== Starting Redis on 127.0.0.1:$redis_port"
    redis-server --bind 127.0.0.1 --port "$redis_port" --daemonize yes --save '' \
        --dir "$PWD/var" --logfile "$PWD/var/redis.log" >/dev/null
    for _ in {1..40}; do [[ $(redis) == PONG ]] && break; sleep 0.25; done
    [[ $(redis) == PONG ]] || { echo "Redis did not start, see var/redis.log"; exit 1; }
fi

# -- S3 and the scanner ----------------------------------------------------------------
s3_port=${CEPH_PORT:-7480}
clamd_port=${CLAMD_PORT:-7470}
scripts/ceph.sh start
scripts/clamd.sh start

cat >var/services.env <<ENV
DATABASE_URL=postgres://$role:$role@127.0.0.1:$port/$role
REDIS_URL=redis://127.0.0.1:$redis_port/0
MINIO_ENDPOINT=http://127.0.0.1:$s3_port
MINIO_ACCESS_KEY=weigong
MINIO_SECRET_KEY=weigong-development
CLAMD_URL=tcp://127.0.0.1:$clamd_port
CHROMIUM=$(command -v chromium-headless-shell || command -v chromium)
ENV
echo "== Ready; var/services.env:"
cat var/services.env
