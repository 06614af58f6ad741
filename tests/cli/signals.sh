#!/usr/bin/env bash
# SIGINT and SIGTERM end a run in order: what was read is complete; a bundle is whole or not there.
. "$(dirname "$0")/lib.bash"
cd "$work" || exit 1

# Until the process answers SIGINT (2) and SIGTERM (15) itself.
wait_for_handlers() {
    local caught
    for _ in {1..600}; do
        caught=$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$1/status" 2> /dev/null)
        [ -n "$caught" ] && [ $((16#$caught & 0x4002)) = $((0x4002)) ] && return
        sleep 0.1
    done
    fail "process $1 never installed its handlers"
}

wait_for_lines() {
    for _ in {1..600}; do
        [ -s "$1" ] && return
        sleep 0.1
    done
}

# A pipe that stays open: the run is in the middle of its input when the signal comes.
stopped_by() { # stopped_by SIGNAL COMMAND...
    local signal=$1 rc=0
    shift
    mkfifo pipe
    "$vigie" "$@" - --site ez-booking --format "$demo_format" --quiet < pipe > out 2> err &
    local pid=$!
    exec 3> pipe
    cat "$demo" >&3
    wait_for_handlers "$pid"
    [ "$1" = analyze ] || wait_for_lines "alerts-$signal.jsonl"
    kill -"$signal" "$pid"
    exec 3>&-
    wait "$pid" || rc=$?
    rm pipe
    checks=$((checks + 1))
    echo "$rc" > code
    ! grep -q Sanitizer err || { fail "sanitizer"; head -20 err; }
}

for signal in INT TERM; do
    stopped_by "$signal" analyze --out "bag-$signal"
    case $(cat code) in 1 | 4) ;; *) fail "analyze by SIG$signal: exit $(cat code)"; cat err ;; esac
    if [ -e "bag-$signal" ]; then
        run 0 "$vigie" verify "bag-$signal"
    fi
    stopped_by "$signal" watch --out "watched-$signal" --alerts "alerts-$signal.jsonl"
    case $(cat code) in 1 | 4) ;; *) fail "watch by SIG$signal: exit $(cat code)"; cat err ;; esac
    run 0 "$vigie" verify "watched-$signal"
    [ -s "alerts-$signal.jsonl" ] || fail "no alerts before SIG$signal"
done
[ -z "$(find . -name '*.partial*' -o -name '.*tmp*')" ] || fail "unfinished files were left"
done_
