#!/bin/sh
# usage: tests/run.sh [SUITE...] [-SUITE...]
#
# Installs what the tests need, builds, and runs all suites, or those named, or all but those named
# with a dash. The last line is "N passed, N failed, N skipped", and the exit status is 0 only when
# none failed. With CI=true a suite that cannot run because something is missing counts as failed.
#
# Two more that run only when they are named: `coverage` (which lines of lib/ the suites reach: at
# least 90 %; beside it suites are named as above) and `bench` (the figures, each beside its limit;
# takes half an hour, WILDCAM_BENCH_QUICK=1 a minute).
#
# WILDCAM_TEST_DATA    the folder of real files (../shared/data)
# WILDCAM_BUILD        the build directory (build, build-coverage, build-bench)
# WILDCAM_SETUP        further options for `meson setup`
set -eu
cd "$(dirname "$0")/.."

stop() {
    echo "$1" >&2
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
}

case ${1-} in
-h | --help)
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"
    exit 0
    ;;
esac
examples/packages.sh build tests || stop "the tests need packages that are not installed"

# build DIRECTORY [OPTION...]
build() {
    directory=$1
    shift
    # shellcheck disable=SC2086 # options are words
    if [ ! -f "$directory/build.ninja" ]; then
        meson setup "$directory" -Dtests=enabled -Dserver=enabled "$@" ${WILDCAM_SETUP-} \
            >"$directory.log" 2>&1 || { cat "$directory.log"; stop "meson could not set up $directory"; }
        rm -f "$directory.log"
    elif ! grep -q tests/support/make_pictures "$directory/build.ninja"; then
        # set up for the server alone, as examples/quickstart.sh does
        meson configure "$directory" -Dtests=enabled || stop "$directory cannot have tests"
    fi
    ninja -C "$directory" || stop "the build failed"
}

suites=
with_coverage=false with_bench=false
for name in "$@"; do
    case $name in
    coverage) with_coverage=true ;;
    bench) with_bench=true ;;
    -*) suites="$suites --no-suite libwildcam:${name#-}" ;;
    *) suites="$suites --suite libwildcam:$name" ;;
    esac
done

# Whether a suite is among those that are to run.
runs() {
    case "$suites " in
    *" --no-suite libwildcam:$1 "*) return 1 ;;
    *" --suite libwildcam:$1 "*) return 0 ;;
    *" --suite "*) return 1 ;;
    esac
}

standard=build options=
if $with_coverage; then
    # Threads count the same lines: without atomic counters some come out below zero.
    standard=build-coverage options="-Db_coverage=true -Dc_args=-fprofile-update=prefer-atomic"
fi
directory=${WILDCAM_BUILD:-$standard}
failed=0
logs=
if $with_coverage || [ -n "$suites" ] || ! $with_bench; then
    peers=
    ! runs upload || peers="$peers versitygw"
    ! runs server || peers="$peers schemathesis"
    ! runs cli || peers="$peers frictionless"
    # shellcheck disable=SC2086
    [ -z "$peers" ] || tests/peers.sh $peers || true # the tests say what is missing
    # shellcheck disable=SC2086
    build "$directory" $options
    if $with_coverage; then # of this run alone
        find "$directory" -name '*.gcda' -delete
    fi
    rm -f "$directory/meson-logs/testlog.json"
    # shellcheck disable=SC2086
    meson test -C "$directory" --no-rebuild --print-errorlogs $suites || failed=1
    logs="$directory/meson-logs/testlog.json"
fi
if $with_coverage; then
    gcovr --root . --filter 'lib/' --exclude 'lib/conf/manual.c' --exclude-unreachable-branches \
        --print-summary --fail-under-line 90 "$directory" || logs="$logs --failed coverage"
fi
if $with_bench; then
    examples/packages.sh bench || true # a bench says which rival is missing
    bench=${WILDCAM_BUILD:-build-bench}
    build "$bench" -Dbuildtype=release
    rm -f "$bench/bench.json" "$bench/meson-logs/benchmarklog.json"
    WILDCAM_BENCH_JSON="$PWD/$bench/bench.json" \
        meson test -C "$bench" --no-rebuild --benchmark --verbose || failed=1
    echo "The figures are in $bench/bench.json."
    logs="$logs $bench/meson-logs/benchmarklog.json"
fi
# The tally fails when a test failed, or when meson did without saying which.
# shellcheck disable=SC2086
exec python3 tests/support/tally.py --status "$failed" $logs
