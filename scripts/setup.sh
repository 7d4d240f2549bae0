#!/bin/sh
# Prepares .venv from the lock files. `setup.sh run` for use, `setup.sh test` for the tests too.
# Does nothing where the lock files have not changed since.
set -eu
cd "$(dirname "$0")/.."
what=${1:-run}
python=${PYTHON:-python3}

command -v "$python" >/dev/null 2>&1 || {
  echo "Cableroom needs Python 3.11 or newer, and there is no '$python' here: install it, or name one with PYTHON=/path/to/python3." >&2; exit 1; }
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "Cableroom needs Python 3.11 or newer, and '$python' is $("$python" -V 2>&1): install a newer one, or name it with PYTHON=/path/to/python3." >&2; exit 1; }
if [ ! -x .venv/bin/python ]; then
  "$python" -c 'import venv, ensurepip' 2>/dev/null || {
    echo "This Python lacks its venv module: install it (on Debian and Ubuntu: apt install python3-venv), then run this again." >&2; exit 1; }
  "$python" -m venv .venv
fi

stamp=.venv/.set-up-$what
wanted=$(cat requirements/*.txt pyproject.toml | "$python" -c 'import hashlib,sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())')
[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && exit 0

echo "Setting up .venv ($what): a minute on the first run." >&2
pip=".venv/bin/python -m pip install --quiet --disable-pip-version-check"
$pip --require-hashes --only-binary :all: -r requirements/build.txt -r requirements/run.txt
if [ "$what" = test ]; then $pip --require-hashes --only-binary :all: -r requirements/test.txt; fi
$pip --no-deps --no-build-isolation -e .
printf %s "$wanted" > "$stamp"
