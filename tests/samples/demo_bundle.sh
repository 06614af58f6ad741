#!/usr/bin/env bash
# The demo's bundle verifies, with and without its inputs; any flipped byte fails with exit 5; rederive is
# identical; the commands printed in VERIFY.txt do what they say.
set -euo pipefail
vigie=${VIGIE:?path of the vigie binary}
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
demo=$root/samples/demo
name='demo-ez-booking-seed42'
failed=0
expect() { # expect CODE WHAT COMMAND...
    local want=$1 what=$2 rc=0
    shift 2
    "$@" > "$work/out" 2>&1 || rc=$?
    if [ "$rc" != "$want" ]; then
        echo "FAIL: $what: exit $rc instead of $want"
        sed 's/^/    /' "$work/out" | head -20
        failed=1
    fi
}

expect 1 "analyze" "$vigie" analyze "$demo/$name.log" --site ez-booking --format "$(cat "$demo/$name.format")" \
    --out "$work/AFF" --quiet
[ -d "$work/AFF" ] || { echo "FAIL: no bundle"; exit 1; }
expect 0 "verify" "$vigie" verify "$work/AFF"
expect 0 "verify --inputs" "$vigie" verify "$work/AFF" --inputs "$demo"
expect 0 "rederive" "$vigie" rederive "$work/AFF" --inputs "$demo"
expect 0 "VERIFY.txt" bash "$root/tests/stream/verify_text.sh" "$work/AFF" "$demo"

# One byte in the middle of every file of the bag.
while read -r -d '' file; do
    cp -r "$work/AFF" "$work/altered"
    python3 - "$work/altered/${file#"$work/AFF/"}" << 'PY'
import sys
with open(sys.argv[1], "r+b") as f:
    data = f.read()
    f.seek(len(data) // 2)
    f.write(bytes([data[len(data) // 2] ^ 1]))
PY
    expect 5 "verify after a flipped byte in ${file#"$work/AFF/"}" "$vigie" verify "$work/altered"
    rm -rf "$work/altered"
done < <(find "$work/AFF" -type f -size +0 -print0)
[ $failed = 0 ] && echo "the demo's bundle holds"
exit $failed
