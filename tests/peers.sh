#!/bin/sh
# usage: tests/peers.sh
# Builds the servers of another make that tests run against and no Debian package has, into
# build-peers/ (WILDCAM_PEERS), once for all build directories:
#
#   versitygw    an S3 server that checks signatures, regions, clocks and hashes
#
# Needs Go, in the path or in /usr/local/go/bin. Without it, or when the build fails, it says so and
# ends with status 1; the tests that need the server say what that means.
set -eu
cd "$(dirname "$0")/.."

versitygw=v1.8.0
directory=${WILDCAM_PEERS:-build-peers}

mkdir -p "$directory"
directory=$(cd "$directory" && pwd)
exec 9>"$directory/lock"
flock 9 # another build directory's tests may be building them
[ ! -x "$directory/versitygw-$versitygw" ] || exit 0

PATH=/usr/local/go/bin:$PATH
if ! command -v go >/dev/null; then
    echo "tests/peers.sh: there is no Go to build versitygw with" >&2
    exit 1
fi
echo "building versitygw $versitygw with $(go version | cut -d' ' -f3)" >&2
new=$(mktemp -d "$directory/new.XXXXXX")
trap 'rm -rf "$new"' EXIT
if ! GOBIN=$new CGO_ENABLED=0 go install "github.com/versity/versitygw/cmd/versitygw@$versitygw" \
    >"$directory/versitygw.log" 2>&1; then
    cat "$directory/versitygw.log" >&2
    echo "tests/peers.sh: versitygw $versitygw could not be built" >&2
    exit 1
fi
mv "$new/versitygw" "$directory/versitygw-$versitygw"
ln -sf "versitygw-$versitygw" "$directory/versitygw"
