#!/usr/bin/env bash
# Renews the hashed locks from pyproject.toml. Versions that still fit are kept;
# to move one on: scripts/lock.sh --upgrade-package NAME
set -euo pipefail
cd "$(dirname "$0")/.."

.venv/bin/python -m pip install --quiet 'uv>=0.13,<0.14'
export UV_CUSTOM_COMPILE_COMMAND="make lock"
compile=(.venv/bin/uv pip compile pyproject.toml --quiet --universal
    --python-version 3.11 --generate-hashes --no-emit-index-url
    --no-emit-find-links "$@")
"${compile[@]}" --output-file requirements.lock
"${compile[@]}" --group dev --constraints requirements.lock \
    --output-file requirements-dev.lock
npm install --package-lock-only --no-fund --no-audit
