#!/bin/sh
# usage: packages.sh build|models|demo|tests|bench|checks...
# Installs the Debian packages that a kind of work needs and that are not there yet.
set -eu

build="gcc libc6-dev pkg-config meson ninja-build libsqlite3-dev libturbojpeg0-dev libexif-dev
    libjansson-dev libssl-dev libcurl4-openssl-dev zlib1g-dev libmicrohttpd-dev libgnutls28-dev"
# For the detector onnx: (examples/detectors/README.md).
models="g++ libopencv-dnn-dev"
demo="curl ca-certificates"
tests="check python3-pytest python3-venv python3-botocore python3-swift prometheus systemd openssl iproute2 curl wrk locales doxygen gcovr $models"
bench="prometheus-cpp-dev"
checks="ccache clang clang-tidy clang-format libclang-rt-14-dev shellcheck"

missing=
for kind in "$@"; do
    case $kind in
    build) wanted=$build ;;
    models) wanted=$models ;;
    demo) wanted=$demo ;;
    tests) wanted=$tests ;;
    bench) wanted=$bench ;;
    checks) wanted=$checks ;;
    *)
        echo "packages.sh: $kind: there are build, models, demo, tests, bench and checks" >&2
        exit 2
        ;;
    esac
    for package in $wanted; do
        state=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) || state=
        [ "$state" = "install ok installed" ] || missing="$missing $package"
    done
done
[ -n "$missing" ] || exit 0

as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
if ! command -v apt-get >/dev/null || { [ -n "$as_root" ] && ! command -v sudo >/dev/null; }; then
    echo "These Debian packages are missing; install them and start again:$missing" >&2
    exit 1
fi
echo "installing:$missing" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
# The lists may be old or not there: fetch them only when that is so.
# shellcheck disable=SC2086 # the names are words
if ! $as_root apt-get install -qq -y --no-install-recommends $missing >"$log" 2>&1; then
    if ! { $as_root apt-get update -qq &&
        $as_root apt-get install -qq -y --no-install-recommends $missing; } >"$log" 2>&1; then
        cat "$log" >&2
        echo "The packages could not be installed:$missing" >&2
        exit 1
    fi
fi
