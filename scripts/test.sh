#!/usr/bin/env bash
# `make test`: the checks, then the tests on SQLite, then on PostgreSQL if there
# is one. Arguments go to pytest. With WEIGONG_NO_SKIPS=1 (CI) nothing may be
# left out.
set -uo pipefail
cd "$(dirname "$0")/.."

status=0
[[ $# -gt 0 ]] || scripts/check.sh || status=1

# -- what the machine has -------------------------------------------------------
postgres=${DATABASE_URL:-}
redis=${REDIS_URL:-}
if [[ -f var/services.env ]]; then
    # shellcheck disable=SC1091
    source var/services.env
    postgres=${postgres:-$DATABASE_URL}
    redis=${redis:-$REDIS_URL}
    export CHROMIUM
    export WEIGONG_TEST_S3=${WEIGONG_TEST_S3:-${MINIO_ENDPOINT:-}}
    export WEIGONG_TEST_CLAMD=${WEIGONG_TEST_CLAMD:-${CLAMD_URL:-}}
fi
unset DATABASE_URL REDIS_URL MINIO_ENDPOINT CLAMD_URL
[[ -z $redis ]] || export WEIGONG_TEST_REDIS=$redis

answers() {
    .venv/bin/python -W ignore - "$1" 2>/dev/null <<'PY'
import sys

import psycopg

psycopg.connect(sys.argv[1], connect_timeout=3).close()
PY
}
reason=""
if [[ -z $postgres ]]; then
    reason="no DATABASE_URL and no var/services.env"
elif ! answers "$postgres"; then
    reason="the database named does not answer"
fi

# one worker more than cores: browsers, scanners and killed processes are waited for
workers=$(($(nproc) + 1))

# -- SQLite ----------------------------------------------------------------------
printf '\n== pytest on SQLite\n'
[[ -n $reason ]] || export WEIGONG_POSTGRES_FOLLOWS=1
.venv/bin/python -m pytest -n "$workers" --dist loadgroup "$@" || status=1
unset WEIGONG_POSTGRES_FOLLOWS

# -- PostgreSQL --------------------------------------------------------------------
printf '\n== pytest on PostgreSQL\n'
if [[ -z $reason ]]; then
    WEIGONG_SQLITE_RAN=1 DATABASE_URL=$postgres .venv/bin/python -m pytest -n "$workers" \
        --dist loadgroup "$@" \
        || status=1
else
    echo "Left out: $reason. \`make services\` installs and starts PostgreSQL."
    [[ ${WEIGONG_NO_SKIPS:-} != 1 ]] || status=1
fi
exit "$status"
