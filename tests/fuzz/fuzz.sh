#!/bin/sh
# usage: tests/fuzz/fuzz.sh [SECONDS [TARGET...]]
#
# Builds the fuzz targets with clang, libFuzzer, ASan and UBSan and lets each run for so long (60).
# What they learn stays in build-fuzz/corpus; an input that breaks a promise is left in build-fuzz
# and belongs, made smaller with -minimize_crash=1, into tests/fuzz/corpus/TARGET.
set -eu
cd "$(dirname "$0")/../.."
examples/packages.sh build tests checks

seconds=${1:-60}
[ $# -eq 0 ] || shift
[ -f build-fuzz/build.ninja ] ||
    CC=clang meson setup build-fuzz -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false \
        -Dtests=enabled -Dserver=enabled
ninja -C build-fuzz
[ $# -gt 0 ] || set -- answer body client conf cursor exif jpeg motion multipart onnx_model s3_answer selector sidecar time
for target in "$@"; do
    mkdir -p "build-fuzz/corpus/$target"
    echo "$target:"
    UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 "build-fuzz/tests/fuzz/fuzz_$target" \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1500 -max_len=8192 -verbosity=0 \
        -print_final_stats=1 -artifact_prefix="build-fuzz/$target-" \
        "build-fuzz/corpus/$target" "tests/fuzz/corpus/$target"
done
