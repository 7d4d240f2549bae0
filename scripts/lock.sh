#!/bin/sh
# Pins every dependency with hashes. Needs pip-tools, which is installed for the purpose.
set -eu
cd "$(dirname "$0")/.."
sh scripts/setup.sh run
.venv/bin/python -m pip install --quiet pip-tools
cd requirements
for part in run build test; do
  CUSTOM_COMPILE_COMMAND="make lock" ../.venv/bin/pip-compile --quiet --generate-hashes --no-emit-index-url \
    --no-emit-trusted-host --no-emit-find-links --strip-extras --allow-unsafe -o $part.txt $part.in
done
