#!/usr/bin/env bash
# What is given to analyze: folders with files that are no access log, a site profile that fits nothing, copies of one
# log.  None of it may pass in silence.
. "$(dirname "$0")/lib.bash"
cd "$work" || exit 1

line() { # line SECOND PATH
    printf '192.0.2.7 - - [02/Mar/2026:08:%02d:%02d +0100] "GET %s HTTP/1.1" 200 512 "-" "Mozilla/5.0"\n' \
        $(($1 / 60)) $(($1 % 60)) "$2"
}

# an error log beside the access log is left out in peace
mkdir logs
for i in $(seq 1 1200); do line $((i % 3600)) "/page/$i"; done > logs/access.log
printf '2026/03/02 08:00:00 [error] 7#7: *1 open() failed\n' > logs/error.log
run 0 "$vigie" analyze logs -q
empty err

# a file of unknown format may be the log that was meant: partial, and named
printf 'addr=192.0.2.1 when=yesterday what="/"\n' > logs/other.log
run 4 "$vigie" analyze logs -q
grep -q other.log err || fail "the unknown file is not named"

# a profile with a funnel that explains nothing is the wrong profile; generic has none to miss
run 4 "$vigie" analyze logs/access.log --site ez-booking -q
grep -q ez-booking err || fail "the profile is not named"
run 0 "$vigie" analyze logs/access.log --site generic -q

# a copy taken while the log grew counts once, whichever is named first
head -c 100001 logs/access.log > copy.log
run 0 "$vigie" analyze copy.log logs/access.log -q --out one
run 0 "$vigie" analyze logs/access.log copy.log -q --out two
for bag in one two; do
    [ "$(jq '[.sources[].parsed] | add' $bag/data/ledger.json)" = 1200 ] || fail "$bag: lines counted twice"
    [ "$(jq '[.sources[] | select(.name == "copy.log")][0].already_seen' $bag/data/ledger.json)" -gt 900 ] ||
        fail "$bag: the copy is not marked as already seen"
    jq -e 'all(.sources[]; .parsed + .rejected + .excluded + .already_seen == .physical)' \
        $bag/data/ledger.json > /dev/null || fail "$bag: the ledger does not balance"
done
done_
