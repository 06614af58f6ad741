#!/usr/bin/env bash
# rederive: the recorded configuration gives the same data/ again, wherever the sources lie now.
. "$(dirname "$0")/lib.bash"
cd "$work" || exit 1
mkdir sources renamed wrong
cp "$demo" sources/access.log
gzip -nc "$demo" > sources/second.gz
sed '100,$d' "$demo" > sources/third.log
run 1 "$vigie" analyze sources/access.log sources/third.log --site ez-booking --format "$demo_format" --quiet --out bag \
    --case AFF-1 --since 2026-03-03T07:00 --tz +01:00 --limit cluster_sessions_max=9000 --max-rejects 10 \
    --param form-latency.quick_us=1900000

run 0 "$vigie" rederive bag --inputs sources
has out "identical: "
run 0 "$vigie" rederive bag --inputs sources --quiet
empty out
run 0 "$vigie" rederive bag --inputs sources --lang fr --threads 1
has out "identique : "

# found again by their SHA-256 under other names
cp sources/access.log renamed/zz
mkdir renamed/deep
cp sources/third.log renamed/deep/third.log
run 0 "$vigie" rederive bag --inputs renamed

# kept when asked for
run 0 "$vigie" rederive bag --inputs sources --out again
diff -r bag/data again/data > /dev/null || fail "the new bundle differs"
run 0 "$vigie" verify again --inputs sources

# sources that are not what they were, or not there
cp sources/third.log wrong
run 3 "$vigie" rederive bag --inputs wrong
has err "access.log: neither this name nor its SHA-256 is in wrong"
sed '1d' sources/access.log > wrong/access.log
run 5 "$vigie" rederive bag --inputs wrong
has err "access.log: a file of this name is in wrong, but its SHA-256 is not the one in data/ledger.json"

# data/ that was changed: each difference is named
sed -i 's/"case"/"CASE"/' bag/data/evidence.json
rm bag/data/records.jsonl
echo more > bag/data/more.txt
run 5 "$vigie" rederive bag --inputs sources
has out "data/evidence.json: differs from byte"
has out "data/records.jsonl: only in the new derivation"
has out "data/more.txt: only in the bundle"

# a bag cannot make us write elsewhere
sed -i 's/{"case"/{"alerts":"owned","case"/' bag/data/config/effective.json
run 5 "$vigie" rederive bag --inputs sources
has err "'alerts' does not belong into a recorded configuration"
[ ! -e owned ] || fail "a bag wrote a file"
[ -z "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'vigie-rederive-*' -newer bag/bagit.txt -user "$(id -u)")" ] ||
    fail "a temporary folder was left"
done_
