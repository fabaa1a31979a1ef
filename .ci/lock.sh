#!/bin/sh
# Rewrites requirements.txt and requirements-dev.txt from pyproject.toml (needs uv). The export names no hosts, uv.lock does: it is not kept.
set -eu
cd "$(dirname "$0")/.."
uv lock --quiet
export_lock() { uv export --quiet --format requirements-txt --no-emit-project --no-header --no-annotate "$@" >/dev/null; }
export_lock --no-dev -o requirements.txt
export_lock -o requirements-dev.txt
rm -f uv.lock
