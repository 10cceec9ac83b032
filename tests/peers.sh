#!/bin/sh
# usage: tests/peers.sh [PEER...]
# Puts the programs of another make that tests run against and no Debian package has into
# build-peers/ (WILDCAM_PEERS), once for all build directories: all of them, or those named.
#
#   versitygw    an S3 server that checks signatures, regions, clocks and hashes; built with Go, in
#                the path or in /usr/local/go/bin
#   schemathesis asks a server whatever its OpenAPI description lets it ask, and worse; installed
#                from PyPI into a Python environment of its own, in the versions that
#                tests/server/contract_requirements.txt names
#   frictionless validates data packages; the same, tests/cli/package_requirements.txt
#
# When one cannot be had it says so and ends with status 1; the tests that need it say what that
# means.
set -eu
cd "$(dirname "$0")/.."

versitygw=v1.8.0
contract=$PWD/tests/server/contract_requirements.txt
packages=$PWD/tests/cli/package_requirements.txt

directory=${WILDCAM_PEERS:-build-peers}
mkdir -p "$directory"
directory=$(cd "$directory" && pwd)
exec 9>"$directory/lock"
flock 9 # another build directory's tests may be at it

# give_up PEER: with its log
give_up() {
    cat "$directory/$1.log" >&2
    echo "tests/peers.sh: $1 cannot be had" >&2
    return 1
}

get_versitygw() {
    [ ! -x "$directory/versitygw-$versitygw" ] || return 0
    PATH=/usr/local/go/bin:$PATH
    if ! command -v go >/dev/null; then
        echo "tests/peers.sh: there is no Go to build versitygw with" >&2
        return 1
    fi
    echo "building versitygw $versitygw with $(go version | cut -d' ' -f3)" >&2
    new=$(mktemp -d "$directory/new.XXXXXX")
    trap 'rm -rf "$new"' EXIT
    GOBIN=$new CGO_ENABLED=0 go install "github.com/versity/versitygw/cmd/versitygw@$versitygw" \
        >"$directory/versitygw.log" 2>&1 || give_up versitygw || return 1
    mv "$new/versitygw" "$directory/versitygw-$versitygw"
    ln -sf "versitygw-$versitygw" "$directory/versitygw"
}

# get_from_pypi PEER REQUIREMENTS: its programs know the path they were installed to, so it is named
# by the link when it is whole.
get_from_pypi() {
    version=$(sed -n "s/^$1==//p" "$2")
    name=$1-$version-$(cksum <"$2" | cut -d' ' -f1)
    [ "$(readlink "$directory/$1" || true)" != "$name" ] || return 0
    echo "installing $1 $version with $(python3 --version)" >&2
    rm -rf "${directory:?}/$name"
    { python3 -m venv "$directory/$name" &&
        "$directory/$name/bin/pip" install --quiet --disable-pip-version-check --no-deps \
            --requirement "$2"; } >"$directory/$1.log" 2>&1 ||
        give_up "$1" || return 1
    ln -sfn "$name" "$directory/$1"
}

[ $# -gt 0 ] || set -- versitygw schemathesis frictionless
status=0
for peer in "$@"; do
    case $peer in
    versitygw) get_versitygw || status=1 ;;
    schemathesis) get_from_pypi schemathesis "$contract" || status=1 ;;
    frictionless) get_from_pypi frictionless "$packages" || status=1 ;;
    *)
        echo "tests/peers.sh: $peer: there are versitygw, schemathesis and frictionless" >&2
        status=1
        ;;
    esac
done
exit "$status"
