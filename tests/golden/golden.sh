#!/usr/bin/env bash
# `vigie events` on every sample prints what a careful person would write by hand; UPDATE_GOLDEN=1 writes it anew.
set -euo pipefail
vigie=${VIGIE:?path of the vigie binary}
here=$(cd "$(dirname "$0")" && pwd)
samples=$(cd "$here/../../samples/logs" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# compare NAME: $work/NAME against the golden file
compare() {
    if [ -n "${UPDATE_GOLDEN:-}" ]; then
        cp "$work/$1" "$here/$1"
    fi
    if diff -u "$here/$1" "$work/$1" > "$work/diff"; then
        passed=$((passed + 1))
    else
        echo "FAIL $1"
        head -20 "$work/diff" | cut -c1-240
        failed=$((failed + 1))
    fi
}

for log in "$samples"/*.log; do
    name=$(basename "$log" .log)
    format=auto
    [ ! -e "$samples/$name.format" ] || format=$(cat "$samples/$name.format")
    case $format in auto | nginx:* | apache:*) ;; *) format=$name:$format ;; esac
    rc=0
    (cd "$samples" && "$vigie" events "$name.log" --format "$format" --tz +00:00) \
        > "$work/$name.jsonl" 2> "$work/$name.err" || rc=$?
    # rejected lines are part of the picture: their count and the exit code close the file
    jq -e . "$work/$name.jsonl" > /dev/null
    echo "exit $rc" >> "$work/$name.jsonl"
    compare "$name.jsonl"
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
