#!/bin/sh
# Brings everything the project needs into .venv: the pinned packages by their hashes, the project itself, the
# compiled translations, and, for root, Debian's packages for the tests. Nothing to do takes a fraction of a second.
set -eu
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*" >&2; }

# What the tests use of the system: command, Debian package, what is skipped without it.
system_packages() {
    cat <<'LIST'
chromium chromium the browser tests
dovecot dovecot-core the tests against a real IMAP and LMTP server
/usr/lib/dovecot/imap dovecot-imapd the tests against a real IMAP server
/usr/lib/dovecot/lmtp dovecot-lmtpd the tests against a real LMTP server
/usr/sbin/postfix postfix the tests behind a real mail server
/usr/sbin/pgbouncer pgbouncer the tests behind a connection pooler
/usr/lib/postgresql postgresql the tests of a home that an older PostgreSQL made
xgettext gettext the search for texts without a translation
/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf fonts-dejavu-core screenshots with Cyrillic letters
LIST
}

present() {
    case $1 in
    /*) [ -e "$1" ] ;;
    *) command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] ;;
    esac
}

install_debian() {
    say "installing $*"
    export DEBIAN_FRONTEND=noninteractive
    # A mail server that is only there for tests must not start by itself.
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
        printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
        chmod 755 /usr/sbin/policy-rc.d
    fi
    apt-get update -q >&2 && apt-get install -q -y --no-install-recommends "$@" >&2 </dev/null
}

check_system() {
    missing=""
    while read -r probe package reason; do
        present "$probe" || missing="$missing $package"
    done <<LIST
$(system_packages)
LIST
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        # shellcheck disable=SC2086
        install_debian $missing || say "could not install:$missing; the tests that need them are skipped"
        return 0
    fi
    while read -r probe package reason; do
        present "$probe" || say "without $package, $reason are skipped (sudo apt-get install $package)"
    done <<LIST
$(system_packages)
LIST
}

# The tests' pages in a fifth of the CPU; where it cannot be had they are driven in Chromium itself.
install_light_browser() {
    present chromium-headless-shell && return 0
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || return 0
    install_debian chromium-headless-shell || say "could not install chromium-headless-shell; the tests drive chromium"
}

usable() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || return 1
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1 && return 0
    # Debian keeps venv in a package of its own.
    [ "$(id -u)" = 0 ] && [ "$1" = /usr/bin/python3 ] && command -v apt-get >/dev/null 2>&1 || return 1
    install_debian python3-venv && "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

# The system's Python comes first: distributions build it with profile-guided optimisation, which makes pages and
# tests a fifth faster than the plain build that version managers make.
find_python() {
    for candidate in ${PYTHON:-/usr/bin/python3 python3 python3.13 python3.12 python3.11 python3.14}; do
        if usable "$candidate"; then
            command -v "$candidate"
            return 0
        fi
    done
    say "Python 3.11 or newer with its venv module is needed and was not found; install it (on Debian: sudo apt-get \
install python3-venv), or name it: PYTHON=/path/to/python3 make setup"
    return 1
}

make_venv() {
    python=$(find_python)
    say "making .venv with $("$python" --version) ($python)"
    "$python" -m venv .venv
}

# The one package that pip installs; it installs all others.
install_uv() {
    awk '/^[^ #]/ { keep = /^uv==/ } keep' requirements-dev.txt >.venv/uv.txt
    .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r .venv/uv.txt
}

install_packages() {
    [ -x .venv/bin/uv ] || install_uv
    if ! .venv/bin/uv pip install -q --python .venv/bin/python --require-hashes -r requirements-dev.txt; then
        say "uv could not install the packages; trying pip, which may know another index"
        .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.txt
    fi
    .venv/bin/uv pip install -q --python .venv/bin/python --offline --no-deps --no-build-isolation -e .
}

compile_translations() {
    for text in src/otklik/*/locale/*/LC_MESSAGES/*.po; do
        if [ -e "$text" ] && [ ! "${text%.po}.mo" -nt "$text" ]; then
            .venv/bin/python tools/messages.py compile
            return
        fi
    done
}

check_system
[ -x .venv/bin/python ] || make_venv
wanted=$(cat pyproject.toml requirements-dev.txt tools/setup.sh | sha256sum)
if [ "$(cat .venv/otklik-setup 2>/dev/null || true)" != "$wanted" ]; then
    say "installing the pinned packages"
    install_packages
    install_light_browser
    printf '%s\n' "$wanted" >.venv/otklik-setup
fi
compile_translations
