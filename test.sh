#!/usr/bin/env bash
# Builds everything and runs every test.  On a fresh Debian 12 it first installs the packages the tests need.
#
#   ./test.sh                 all of it
#   FUZZ_SECONDS=60 ./test.sh each fuzz target for a minute (default 10; 0: corpora only, in ctest)
#   FUZZ_SEED=7 ./test.sh    from another seed (default 1, so that two runs look at much the same)
#   JOBS=4 ./test.sh          more at a time (default: the cores there are)
set -euo pipefail
cd "$(dirname "$0")"
fuzz_seconds=${FUZZ_SECONDS:-10}
jobs=${JOBS:-$(nproc)}
packages="gcc libc6-dev clang-14 clang libclang-rt-14-dev cmake ninja-build pkg-config git libssl-dev zlib1g-dev
    libisal-dev libxxhash-dev libidn2-dev libbrotli-dev libcmocka-dev jq python3 python3-jsonschema xxd gzip openssl mandoc shellcheck
    zsh fish bash-completion clang-format-14"

# shellcheck source=tests/packages.sh
. tests/packages.sh

build() { # build PRESET
    say "building $1"
    cmake --preset "$1" > "build/$1.configure.log" 2>&1 || { cat "build/$1.configure.log"; exit 1; }
    cmake --build --preset "$1" -j "$jobs"
}

# jq and the schema checks call python3: Debian's own has the module, whatever else is first in PATH.
python3 -c 'import jsonschema' 2> /dev/null || export PATH="/usr/bin:$PATH"

fuzz() { # every target for some seconds, as many at a time as there are jobs
    say "fuzzing: $fuzz_seconds s a target"
    local failed=0
    mkdir -p build/fuzz-run
    for target in tests/fuzz/fuzz_*.c; do
        basename "$target" .c
    done > build/fuzz-run/targets
    # shellcheck disable=SC2016 # the inner shell expands
    xargs -P "$jobs" -n 1 bash -c '
        name=$2
        rm -rf "build/fuzz-run/$name" && mkdir -p "build/fuzz-run/$name/found"
        "build/fuzz/tests/fuzz/$name" -max_total_time="$1" -seed="${FUZZ_SEED:-1}" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
            -artifact_prefix="build/fuzz-run/$name/" "build/fuzz-run/$name/found" "tests/fuzz/corpus/${name#fuzz_}" \
            > "build/fuzz-run/$name.log" 2>&1
        code=$?
        runs=$(sed -n "s/^stat::number_of_executed_units: *//p" "build/fuzz-run/$name.log")
        if [ $code = 0 ]; then
            echo "ok   $name: ${runs:-0} inputs"
        else
            echo "FAIL $name: exit $code, see build/fuzz-run/$name.log"
            tail -n 30 "build/fuzz-run/$name.log"
        fi
        exit $((code != 0))' _ "$fuzz_seconds" < build/fuzz-run/targets || failed=1
    return $failed
}

# shellcheck disable=SC2086 # a list of names
install_missing $packages
mkdir -p build
failed=0
build dev
build clang
build release
if [ "$fuzz_seconds" -gt 0 ]; then
    build fuzz
    fuzz || failed=1
fi
say "tests, gcc with sanitizers"
ctest --preset dev -j "$jobs" 2>&1 | tee build/dev.ctest.log || failed=1
say "tests, as installed"
ctest --preset release -j "$jobs" 2>&1 | tee build/release.ctest.log || failed=1

say "what came of it"
grep -h -E '^SKIP' build/*/Testing/Temporary/LastTest.log 2> /dev/null | sort -u || true
for preset in dev release; do
    printf '%s: ' "$preset"
    grep -E 'tests passed' "build/$preset.ctest.log" || { echo "no summary"; failed=1; }
done
exit $failed
