# shellcheck shell=sh
# The program: an interpreter, a version in a directory of its own, and which one is in use.
#
# /opt/unsit/bin is a symbolic link into one of /opt/unsit/versions and changes in one step.

OPT=/opt/unsit
COMMAND=/usr/local/bin/unsit
PYTHON=${PYTHON:-/usr/bin/python3}

need_python() {
    makes_environments || install_venv
    "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail 69 "unsit needs Python 3.11 or newer and $PYTHON" \
        "is $("$PYTHON" -V 2>&1 | cut -d' ' -f2); use Raspberry Pi OS bookworm or later, or name another: sudo PYTHON=FILE systemd/install"
}

makes_environments() { "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; }

install_venv() {
    if [ "$PYTHON" != /usr/bin/python3 ] || ! command -v apt-get >/dev/null; then
        fail 69 "$PYTHON cannot make virtual environments; install its modules venv and ensurepip, or name another: sudo PYTHON=FILE systemd/install"
    fi
    say "Installing python3-venv"
    apt_get install python3-venv || { apt_get update && apt_get install python3-venv; } ||
        fail 69 "python3-venv is missing and apt-get cannot install it ($(last_line)); connect the machine to a network, then: sudo apt install python3-venv"
    makes_environments || fail 69 "$PYTHON cannot make virtual environments, even with python3-venv; name another: sudo PYTHON=FILE systemd/install"
}

apt_get() { DEBIAN_FRONTEND=noninteractive apt-get -y -q "$@" >"$log" 2>&1 </dev/null; }

build_version() { # makes $version
    mkdir -p "$OPT/versions"
    version=$(mktemp -d "$OPT/versions/$(date -u +%Y%m%d-%H%M%S).XXXX")
    chmod 755 "$version"
    say "Installing the packages into $version"
    # The system's own packages stay in sight: spidev and lgpio have no wheels for every machine.
    "$PYTHON" -m venv --system-site-packages "$version" >"$log" 2>&1 || fail 69 "$PYTHON cannot make a virtual environment: $(last_line)"
    locked >"$work/requirements.txt"
    pip_install --require-hashes --requirement "$work/requirements.txt"
    [ -n "$wheel" ] || find_wheel || build_wheel
    pip_install "$wheel"
    "$version/bin/unsit" --version >"$log" 2>&1 || fail 70 "the new version does not run: $(last_line); nothing was changed"
    mkdir "$version/systemd"
    cp "$HERE/unsit.service" "$HERE/unsit@.service" "$HERE/back-off.conf" "$HERE/sysusers.conf" "$HERE/60-unsit.rules" "$HERE"/unsit-report* "$version/systemd"
}

locked() { # gpiod has wheels for 64-bit interpreters only, and its marker asks the kernel
    if "$PYTHON" -c 'import sys; sys.exit(sys.maxsize < 2**32)'; then
        cat "$HERE/requirements.lock"
    else
        awk '/^[a-z]/ { left_out = /^gpiod==/ } !left_out' "$HERE/requirements.lock"
    fi
}

pip_install() {
    "$version/bin/python" -m pip --disable-pip-version-check --no-input --retries 2 install --no-deps --no-cache-dir \
        --only-binary :all: --ignore-installed --root-user-action ignore --no-warn-script-location \
        ${wheels:+--no-index --find-links "$wheels"} "$@" >"$log" 2>&1 || pip_failed
}

pip_failed() {
    if grep -q 'No space left' "$log"; then
        fail 69 "the disk is full; make room for 100 MB in $OPT and run this again"
    elif grep -qE 'NewConnectionError|NameResolutionError|Temporary failure|ConnectTimeout|ProxyError' "$log"; then
        fail 69 "the packages cannot be fetched; connect the machine to a network and run this again, or bring the packages: --wheels DIR"
    fi
    fail 69 "pip cannot install the packages: $(grep '^ERROR' "$log" | tail -n 1 | cut -c -300); systemd/README.md says which machines there are wheels for"
}

find_wheel() {
    [ -n "$wheels" ] || return 1
    wheel=$(find "$wheels" -maxdepth 1 -name 'unsit-*.whl' | sort -V | tail -n 1)
    [ -n "$wheel" ]
}

build_wheel() {
    source=$(dirname "$HERE")
    [ -f "$source/pyproject.toml" ] || fail 69 "$source is no source tree of unsit; give a wheel of it"
    say "Building unsit from $source"
    pip_install --require-hashes --requirement "$HERE/requirements-build.lock" --target "$work/build"
    PYTHONPATH=$work/build "$version/bin/python" -m pip --disable-pip-version-check wheel --no-deps --no-index \
        --no-build-isolation --no-cache-dir --wheel-dir "$work" "$source" >"$log" 2>&1 ||
        fail 69 "unsit cannot be built from $source: $(last_line)"
    wheel=$(find "$work" -maxdepth 1 -name 'unsit-*.whl')
}

current() { # the version in use, if there is one
    [ ! -L "$OPT/bin" ] || dirname "$(readlink -f "$OPT/bin")"
}

use() { # VERSION with its units
    ln -s "versions/$(basename "$1")/bin" "$OPT/.bin.new"
    remove_plain_environment
    mv -T "$OPT/.bin.new" "$OPT/bin"
    put_system_files "$1/systemd"
    put_interpreter "$1"
}

remove_plain_environment() { # /opt/unsit as one environment, as it was made by hand
    [ -f "$OPT/pyvenv.cfg" ] || return 0
    (cd "$OPT" && rm -rf bin include lib lib64 share pyvenv.cfg)
}

remove_other_versions() {
    for directory in "$OPT"/versions/*; do
        [ "$directory" = "$version" ] || rm -rf "$directory"
    done
}

put_command() {
    [ -z "$packaged" ] || return 0
    if [ -e "$COMMAND" ] && ! is_own_command; then
        say "$COMMAND is another program's and stays; this one is $OPT/bin/unsit"
    else
        mkdir -p "$(dirname "$COMMAND")"
        ln -sfn "$OPT/bin/unsit" "$COMMAND"
    fi
}

is_own_command() { [ "$(readlink "$COMMAND")" = "$OPT/bin/unsit" ]; }
