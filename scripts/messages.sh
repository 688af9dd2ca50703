#!/usr/bin/env bash
# Collects the texts to translate into locale/ and compiles what is there.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v xgettext >/dev/null || { echo "gettext is needed: make services"; exit 1; }
.venv/bin/python manage.py makemessages --locale zh_Hans \
    --no-location --no-wrap --ignore '.venv/*' --ignore 'node_modules/*' \
    --ignore 'var/*' --ignore 'tests/*'
make install
