#!/usr/bin/env bash
# Results on standard output or in files, messages on standard error; pipes, silence, unfinished files.
. "$(dirname "$0")/lib.bash"
cd "$work" || exit 1
small_log > access.log
demo_run=("$vigie" analyze "$demo" --site ez-booking --format "$demo_format")

# a nightly job hears nothing
run 1 "${demo_run[@]}" --quiet
empty out
empty err

# the summary, in the language asked for, without colours when it is not a terminal
run 1 "${demo_run[@]}"
[ -s out ] || fail "no summary"
! grep -q $'\033' out || fail "colours in a pipe"
run 1 "${demo_run[@]}" --color always
grep -q $'\033' out || fail "no colours with --color always"
run 1 env NO_COLOR=1 "${demo_run[@]}" --color auto
! grep -q $'\033' out || fail "colours in spite of NO_COLOR"

# JSON lines: one valid object a line, the same whatever the threads; the summary gives way to "-"
run 1 "${demo_run[@]}" --quiet --sessions s1.jsonl --findings f1.jsonl --session-records --threads 1
run 1 "${demo_run[@]}" --sessions - --findings f2.jsonl --session-records --threads 3
cmp -s out s1.jsonl || fail "--sessions - differs from --sessions FILE"
cmp -s f1.jsonl f2.jsonl || fail "--findings differs with threads"
if command -v jq > /dev/null; then
    jq -e -s 'length > 0 and all(.[]; .id and .key and .records)' s1.jsonl > /dev/null || fail "sessions"
    jq -e -s 'length > 0' f1.jsonl > /dev/null || fail "findings"
fi
[ -z "$(find . -name '*.partial-*')" ] || fail "a temporary file was left"
umask 027
run 1 "${demo_run[@]}" --quiet --findings f3.jsonl
[ "$(stat -c %a f3.jsonl)" = 640 ] || fail "the umask does not decide the mode"
umask 022

# rejected lines are all written, with the bytes they had
printf 'garbage \377 one\n' > mixed.log
cat access.log >> mixed.log
run 4 "$vigie" analyze mixed.log --format combined --rejects - --quiet
[ "$(wc -l < out)" = 1 ] || fail "one line is rejected"
has out '"offset":0,'
has out '"record":1,'
has out "\"raw_base64\":\"$(printf 'garbage \377 one' | base64)\""

# a reader that leaves is no error
for command in events "analyze --sessions -"; do
    # shellcheck disable=SC2086
    "$vigie" $command "$demo" --site ez-booking --format "$demo_format" 2> err | head -1 > out
    grep -q Broken err && fail "$command complains of its reader"
    [ "$(wc -l < out)" = 1 ] || fail "$command into head gives no line"
done
"$vigie" events "$demo" --format "$demo_format" 2> err | head -1 > /dev/null
[ "${PIPESTATUS[0]}" = 0 ] || fail "events into head: exit ${PIPESTATUS[0]}"
empty err

# events: one object a line for each request
run 0 "$vigie" events access.log
[ "$(wc -l < out)" = 5 ] || fail "events: not five lines"
run 0 "$vigie" events access.log --since 2026-10-10T13:55:02 --until 2026-10-10T13:55:04 --tz +02:00
[ "$(wc -l < out)" = 2 ] || fail "--since and --until: not two lines"
"$vigie" events - < access.log > out 2> err || fail "events from standard input"
[ "$(wc -l < out)" = 5 ] || fail "events -: not five lines"

# two results cannot share standard output
run 2 "${demo_run[@]}" --sessions - --findings -
done_
