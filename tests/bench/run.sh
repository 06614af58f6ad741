#!/usr/bin/env bash
# Builds the release and measures it beside its peers; options go to measure.py (--rounds, --lines, --flat, ...).
# Inputs (about 1 GB) and results.json go to VIGIE_BENCH_DIR, by default build/bench.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
mkdir -p build
cmake --preset release > build/release.configure.log 2>&1 || { cat build/release.configure.log; exit 1; }
cmake --build --preset release --target vigie vigie-gen
exec python3 tests/bench/measure.py --vigie build/release/vigie --gen build/release/vigie-gen \
    --dir "${VIGIE_BENCH_DIR:-build/bench}" "$@"
