# Sourced by ./run and ./check: makes .venv and installs a locked requirements file with its hashes.
# Skipped while the lock file is unchanged.
setup() {
  lock=$1
  python=${PYTHON:-python3}
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    echo "Lotse needs Python 3.11 or newer. Install it, or name one: PYTHON=/path/to/python3.11 ./run" >&2
    exit 1
  }
  [ -x .venv/bin/python ] || "$python" -m venv .venv || {
    echo "The virtual environment could not be made. On Debian or Ubuntu: apt-get install python3-venv" >&2
    rm -rf .venv
    exit 1
  }
  # pyproject.toml names the command `lotse`, so a change there reinstalls too
  want=$(cat "$lock" pyproject.toml | cksum)
  [ "$(cat ".venv/.installed-$lock" 2>/dev/null)" = "$want" ] && return 0
  echo "Setting up Lotse (once; about a minute) ..."
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
  printf '%s' "$want" > ".venv/.installed-$lock"
}
