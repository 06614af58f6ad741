#!/usr/bin/env bash
# Every allocation and every write may fail: the run then ends with a message and exit 70 (memory) or a message
# and a non-zero code (disk), and nothing stands under the bundle's final name, nor is anything left beside it.
set -euo pipefail
vigie=${VIGIE:?path of the vigie binary}
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0
log=$work/access.log
head -n 400 "$(ls "$root"/samples/demo/*.log | head -1)" > "$log"
format=auto
for f in "$root"/samples/demo/*.format; do [ -e "$f" ] && format=$(cat "$f"); done
first=$(ls "$root"/samples/demo/*.log | head -1)
[ -e "${first%.log}.format" ] || format=auto

bad() {
    echo "FAIL $1"
    failed=$((failed + 1))
}

# one KIND N: runs with the N-th operation failing; 0 when the run was hit, 1 when it got through
one() {
    local kind=$1 n=$2 rc=0
    rm -rf "$work/out"
    mkdir "$work/out"
    env "VIGIE_FAULT_$kind=$n" "$vigie" analyze "$log" --site ez-booking --format "$format" --threads 1 --quiet \
        --out "$work/out/bag" --sessions "$work/out/sessions" > "$work/stdout" 2> "$work/stderr" || rc=$?
    if [ $rc -le 1 ]; then
        [ -d "$work/out/bag" ] || bad "$kind $n: exit $rc without a bag"
        return 1
    fi
    local left
    left=$(find "$work/out" -mindepth 1 -maxdepth 1 | grep -v '/sessions$' || true)
    # complete under its final name is fine: what failed came after it
    if [ "$left" = "$work/out/bag" ] && "$vigie" verify "$work/out/bag" > /dev/null 2>&1; then left=; fi
    [ -z "$left" ] || bad "$kind $n: exit $rc and left $left"
    [ -s "$work/stderr" ] || bad "$kind $n: exit $rc without a message"
    if [ "$kind" = ALLOC ] && [ $rc -ne 70 ]; then bad "$kind $n: exit $rc, not 70"; fi
    passed=$((passed + 1))
}

for kind in ALLOC WRITE; do
    n=1
    step=1
    while one $kind $n; do
        # every one of the first operations, then ever fewer: the total is unknown beforehand
        [ $n -lt 60 ] || step=$((n / 4))
        n=$((n + step))
        [ $n -lt 2000000 ] || break
    done
    echo "$kind: injected up to operation $n"
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 20 ]
