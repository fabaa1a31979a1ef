#!/bin/sh
# Rewrites the complete locks of the kits from app/launch/locks/*.in (needs uv). PyTorch is left out: see locks/torch.txt.
# A kit may join several groups, so each is held to the versions of those before it.
set -eu
cd "$(dirname "$0")/../app/launch/locks"
without=$(mktemp)
echo "torch ; python_version < '3'" > "$without"
before="--constraint retrieval.txt"
for name in openai aws tuning encoder; do
  # shellcheck disable=SC2086 (several words are meant)
  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
    --override "$without" $before "$name.in" --output-file "$name.txt"
  before="$before --constraint $name.txt"
done
rm "$without"
