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
#
# When one cannot be had it says so and ends with status 1; the tests that need it say what that
# means.
set -eu
cd "$(dirname "$0")/.."

versitygw=v1.8.0
requirements=$PWD/tests/server/contract_requirements.txt
schemathesis=$(sed -n 's/^schemathesis==//p' "$requirements")

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

# Its programs know the path they were installed to, so it is named by the link when it is whole.
get_schemathesis() {
    name=schemathesis-$schemathesis-$(cksum <"$requirements" | cut -d' ' -f1)
    [ "$(readlink "$directory/schemathesis" || true)" != "$name" ] || return 0
    echo "installing schemathesis $schemathesis with $(python3 --version)" >&2
    rm -rf "${directory:?}/$name"
    { python3 -m venv "$directory/$name" &&
        "$directory/$name/bin/pip" install --quiet --disable-pip-version-check --no-deps \
            --requirement "$requirements"; } >"$directory/schemathesis.log" 2>&1 ||
        give_up schemathesis || return 1
    ln -sfn "$name" "$directory/schemathesis"
}

[ $# -gt 0 ] || set -- versitygw schemathesis
status=0
for peer in "$@"; do
    case $peer in
    versitygw) get_versitygw || status=1 ;;
    schemathesis) get_schemathesis || status=1 ;;
    *)
        echo "tests/peers.sh: $peer: there are versitygw and schemathesis" >&2
        status=1
        ;;
    esac
done
exit "$status"
