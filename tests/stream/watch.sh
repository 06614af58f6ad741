#!/usr/bin/env bash
# What `watch` concludes equals what `analyze` concludes on the same bytes: growing file, rotation by rename,
# copytruncate, a pipe; stopped by SIGTERM; alerts are complete JSON lines.
set -euo pipefail
vigie=${VIGIE:?path of the vigie binary}
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'kill %1 2> /dev/null || true; rm -rf "$work"' EXIT
passed=0
failed=0
log=$(ls "$root"/samples/demo/*.log | head -1)
format=auto
[ -e "${log%.log}.format" ] && format=$(cat "${log%.log}.format")
opts=(--site ez-booking --format "$format" --quiet)
lines=$(wc -l < "$log")

ok() { passed=$((passed + 1)); }
bad() {
    echo "FAIL $1"
    failed=$((failed + 1))
}

# Sessions and findings without the order in which they were closed and the source they came from.
comparable() { jq -cS 'del(.records, .closed_by)' "$1" | sort; }

same() { # same NAME: results of watch against those of analyze
    local name=$1
    for what in findings sessions; do
        if diff <(comparable "$work/analyze.$what") <(comparable "$work/$name.$what") > "$work/diff"; then
            ok
        else
            bad "$name: $what differ from analyze"
            cut -c1-400 "$work/diff" | head -4
        fi
    done
}

# waits until the watcher has read as many bytes as the log has, and then longer than a rotated file must be
# silent before its successor is read
settle() {
    for _ in $(seq 100); do
        [ "$(awk '/^rchar/ {print $2}' "/proc/$1/io")" -lt "$(stat -c %s "$log")" ] || break
        sleep 0.1
    done
    sleep 1.6
}

watch_start() { # watch_start NAME
    "$vigie" watch "$work/live.log" "${opts[@]}" --alerts "$work/$1.alerts" --sessions "$work/$1.sessions" \
        --findings "$work/$1.findings" --out "$work/$1.bag" > "$work/$1.out" 2> "$work/$1.err" &
    pid=$!
}

watch_stop() { # watch_stop NAME
    local rc=0
    settle "$pid"
    kill -TERM "$pid"
    wait "$pid" || rc=$?
    if [ $rc -eq 1 ]; then ok; else bad "$1: exit $rc, expected 1 (findings)" && cat "$work/$1.err"; fi
    if jq -e . "$work/$1.alerts" > /dev/null && [ -s "$work/$1.alerts" ]; then ok; else bad "$1: no valid alerts"; fi
    if "$vigie" verify "$work/$1.bag" > "$work/verify.out" 2>&1; then ok; else bad "$1: bag" && cat "$work/verify.out"; fi
}

"$vigie" analyze "$log" "${opts[@]}" --sessions "$work/analyze.sessions" --findings "$work/analyze.findings" \
    --out "$work/analyze.bag" || [ $? -eq 1 ]

# a growing file, lines arriving in pieces
: > "$work/live.log"
watch_start grow
for part in 1 2 3 4 5; do
    head -c $((part * $(stat -c %s "$log") / 5)) "$log" | tail -c +$(($(stat -c %s "$work/live.log") + 1)) >> "$work/live.log"
    sleep 0.2
done
watch_stop grow
same grow

# rotation by rename: analyze reads both files, in order
head -n $((lines / 2)) "$log" > "$work/live.log"
watch_start rename
sleep 0.8
mv "$work/live.log" "$work/live.log.1"
tail -n +$((lines / 2 + 1)) "$log" > "$work/live.log"
watch_stop rename
"$vigie" analyze "$work/live.log.1" "$work/live.log" "${opts[@]}" --sessions "$work/analyze.sessions" \
    --findings "$work/analyze.findings" || [ $? -eq 1 ]
same rename

# copytruncate keeps the inode
rm -f "$work"/live.log*
head -n $((lines / 2)) "$log" > "$work/live.log"
watch_start truncate
sleep 0.8
: > "$work/live.log"
sleep 0.8
tail -n +$((lines / 2 + 1)) "$log" >> "$work/live.log"
watch_stop truncate
same truncate

# a pipe ends by itself
rc=0
"$vigie" watch - "${opts[@]}" --sessions "$work/pipe.sessions" --findings "$work/pipe.findings" \
    --alerts "$work/pipe.alerts" < "$log" > /dev/null || rc=$?
if [ $rc -eq 1 ]; then ok; else bad "pipe: exit $rc"; fi
"$vigie" analyze "$log" "${opts[@]}" --sessions "$work/analyze.sessions" --findings "$work/analyze.findings" || [ $? -eq 1 ]
same pipe

echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
