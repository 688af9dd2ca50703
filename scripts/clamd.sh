#!/usr/bin/env bash
# ClamAV's daemon to test against, on 127.0.0.1, with a list of signatures of our
# own: it knows EICAR's test file, which is harmless and made for this, and
# nothing else. It protects nobody; in production clamd runs with its own lists.
#   scripts/clamd.sh start    does nothing when it answers already
#   scripts/clamd.sh stop
set -euo pipefail
cd "$(dirname "$0")/.."

port=${CLAMD_PORT:-7470}
home=$PWD/var/clamav

answers() {
    (
        exec 3<>"/dev/tcp/127.0.0.1/$port"
        printf 'zPING\0' >&3
        IFS= read -r -d '' -t 5 line <&3
        [[ $line == PONG ]]
    ) 2>/dev/null
}

start() {
    if answers; then return; fi
    echo "== Starting clamd on 127.0.0.1:$port"
    stop
    mkdir -p "$home/signatures"
    # name, any type of file, anywhere in it, the file's 68 bytes
    echo "Eicar-Test-Signature:0:*:$(
        printf '%s' 58354f2150254041505b345c505a58353428505e2937434329377d24 \
            45494341522d5354414e444152442d414e544956495255532d544553542d \
            46494c452124482b482a
    )" >"$home/signatures/eicar.ndb"
    cat >"$home/clamd.conf" <<CONF
TCPAddr 127.0.0.1
TCPSocket $port
DatabaseDirectory $home/signatures
LogFile $home/clamd.log
PidFile $home/clamd.pid
StreamMaxLength 100M
MaxFileSize 30M
MaxScanSize 120M
AlertExceedsMax yes
MaxThreads 4
CONF
    # our list is signed by nobody, which it says on every start
    clamd --config-file="$home/clamd.conf" 2>"$home/start.log" \
        || { cat "$home/start.log"; exit 1; }
    for _ in {1..100}; do answers && return; sleep 0.2; done
    echo "clamd did not start, see var/clamav/clamd.log"
    exit 1
}

stop() {
    local pid
    pid=$(cat "$home/clamd.pid" 2>/dev/null) || return 0
    [[ $(cat "/proc/$pid/comm" 2>/dev/null) == clamd ]] || return 0
    kill "$pid"
    for _ in {1..50}; do
        [[ -e /proc/$pid ]] || return 0
        sleep 0.1
    done
}

case ${1:-} in
    start | stop) "$1" ;;
    *) echo "scripts/clamd.sh start|stop" && exit 2 ;;
esac
