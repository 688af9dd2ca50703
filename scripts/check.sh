#!/usr/bin/env bash
# The checks that need no test: style, types, the ladder, migrations, templates.
# All of them run; the ones that failed are named at the end.
set -uo pipefail
cd "$(dirname "$0")/.."
unset DATABASE_URL REDIS_URL MINIO_ENDPOINT CLAMD_URL

failed=()
check() {
    local name=$1
    shift
    printf '\n== %s\n' "$name"
    "$@" || failed+=("$name")
}
templates() {
    git ls-files -z '*.html' \
        | xargs -0 --no-run-if-empty .venv/bin/djade --target-version 5.2 --check
}

check "ruff check" .venv/bin/ruff check .
check "ruff format" .venv/bin/ruff format --check --quiet .
check "the ladder" .venv/bin/lint-imports --no-logo
check "djade" templates
check "migrations" .venv/bin/python manage.py makemigrations --check --dry-run
check "mypy" .venv/bin/mypy

if ((${#failed[@]})); then
    printf '\nFailed checks: %s\n' "$(IFS=,; echo "${failed[*]}")"
    exit 1
fi
printf '\nAll checks passed.\n'
