#!/bin/sh
# Rewrites the locks of the vendors' validators from requirements/vendors/*.in (needs uv). They hold no host names.
set -eu
cd "$(dirname "$0")/../requirements/vendors"
for name in vendors skypilot dstack; do
  uv pip compile --quiet --python-version 3.11 --python-platform x86_64-manylinux_2_28 --generate-hashes --no-header --no-annotate \
    --no-emit-index-url "$name.in" --output-file "$name.txt"
done
