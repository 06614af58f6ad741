#!/usr/bin/env bash
# Every exit code, and which one wins.
. "$(dirname "$0")/lib.bash"
cd "$work" || exit 1
small_log > calm.log
head -c 4096 /dev/urandom > noise.bin
for i in {1..400}; do small_log; done | gzip -1 > whole.gz
head -c "$(($(stat -c %s whole.gz) / 2))" whole.gz > cut.gz
demo_run=("$vigie" analyze "$demo" --site ez-booking --format "$demo_format" --quiet)

run 0 "$vigie" analyze calm.log
run 0 "$vigie" analyze whole.gz
run 1 "${demo_run[@]}"
run 2 "$vigie" analyze calm.log --site nowhere
run 3 "$vigie" analyze noise.bin
has err "noise.bin: unreadable:"
run 4 "$vigie" analyze cut.gz
has err "cut.gz: partial:"

# 3 before 4 before 1; what the code cannot say is said on standard error
run 3 "$vigie" analyze calm.log noise.bin cut.gz
{ cat "$demo"; for i in {1..400}; do echo "line $i of no format"; done; } > partial.log
run 4 "$vigie" analyze partial.log --site ez-booking --format "$demo_format" --quiet
has err "there are findings, but the result is partial: exit code 4"
run 1 "$vigie" analyze partial.log --site ez-booking --format "$demo_format" --quiet --max-rejects 900
empty err

# 5: a bundle that was touched
run 1 "${demo_run[@]}" --out bag
run 0 "$vigie" verify bag
run 0 "$vigie" verify bag --inputs "$(dirname "$demo")"
printf 'x' >> bag/data/records.jsonl
run 5 "$vigie" verify bag
has out "data/records.jsonl"
run 5 "$vigie" verify bag --lang fr
rm -r bag/data
run 5 "$vigie" verify bag

# 70: no memory, no room; nothing is left under the final names or beside them
run 70 env VIGIE_FAULT_ALLOC=2000 "${demo_run[@]}" --out lost --sessions lost.jsonl
run 70 env VIGIE_FAULT_WRITE=1 "${demo_run[@]}" --out lost --sessions lost.jsonl
for left in lost* .lost*; do
    [ ! -e "$left" ] || fail "$left was left behind"
done
if [ -w /dev/full ]; then
    run 70 "$vigie" analyze calm.log --sessions /dev/full
    has err "/dev/full: cannot be written: No space left on device"
fi
done_
