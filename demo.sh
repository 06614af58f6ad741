#!/usr/bin/env bash
# Shows what vigie does, on a fresh Debian 12 too: installs the Debian packages the build needs, builds, analyses
# the made-up morning of samples/demo, prints the summary, verifies the evidence bundle and shows that one
# altered byte is found.  Run it as often as you like: it replaces only what it made, under build/demo.
set -euo pipefail
cd "$(dirname "$0")"
packages="gcc libc6-dev cmake ninja-build pkg-config libssl-dev zlib1g-dev libisal-dev libxxhash-dev libidn2-dev libbrotli-dev"
sample=samples/demo/demo-ez-booking-seed42
out=build/demo
vigie=build/release/vigie

# shellcheck source=tests/packages.sh
. tests/packages.sh

# shellcheck disable=SC2086 # a list of names
install_missing $packages
say "building (build/release)"
mkdir -p build
cmake --preset release -DVIGIE_TESTS=OFF > build/release.configure.log 2>&1 || { cat build/release.configure.log; exit 1; }
cmake --build --preset release

rm -rf "$out"
mkdir -p "$out"
say "analysing $sample.log: a wave, an office that shares one address, a reseller"
code=0
"$vigie" analyze "$sample.log" --site ez-booking --format "$(cat "$sample.format")" --out "$out/AFF-DEMO" || code=$?
[ $code -le 1 ] || exit $code

say "verifying the bundle, with the log it was made from"
"$vigie" verify "$out/AFF-DEMO" --inputs samples/demo

say "the same after one bit of one byte was changed in a copy"
cp -r "$out/AFF-DEMO" "$out/altered"
evidence=$out/altered/data/evidence.json
at=$(($(stat -c %s "$evidence") / 2))
byte=$(od -An -tu1 -j "$at" -N 1 "$evidence")
# shellcheck disable=SC2059 # the byte is the format
printf "$(printf '\\%03o' $((byte ^ 1)))" | dd of="$evidence" bs=1 seek="$at" conv=notrunc status=none
code=0
"$vigie" verify "$out/altered" || code=$?
rm -rf "$out/altered"
[ $code = 5 ] || { echo "demo.sh: the altered copy was not refused (exit $code)" >&2; exit 1; }

say "done"
echo "The bundle:            $PWD/$out/AFF-DEMO"
echo "How to check it by hand: $PWD/$out/AFF-DEMO/VERIFY.txt"
