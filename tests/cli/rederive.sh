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

# found again by their SHA-256 under other names, and in sub-folders; verify looks in the same places
cp sources/access.log renamed/zz
mkdir renamed/deep
cp sources/third.log renamed/deep/third.log
run 0 "$vigie" rederive bag --inputs renamed
run 0 "$vigie" verify bag --inputs renamed
has out "access.log: warning: source found by its SHA-256 under another name (renamed/zz)"

# two sources of one name
mkdir -p twins/a twins/b
cp sources/access.log twins/a/access.log
cp sources/third.log twins/b/access.log
run 1 "$vigie" analyze twins/a/access.log twins/b/access.log --site ez-booking --format "$demo_format" --quiet \
    --out twins.bag
run 0 "$vigie" rederive twins.bag --inputs twins
run 0 "$vigie" verify twins.bag --inputs twins
lacks out "warning"

# a log that went on growing is not what was analysed, and its beginning is
cp -r sources grown
tail -1 "$demo" >> grown/access.log
run 5 "$vigie" rederive bag --inputs grown
has err "access.log: has grown since; what was analysed is its beginning: head -c $(stat -c %s "$demo") grown/access.log"
run 0 "$vigie" verify bag --inputs grown

# kept when asked for
run 0 "$vigie" rederive bag --inputs sources --out again
diff -r bag/data again/data > /dev/null || fail "the new bundle differs"
run 0 "$vigie" verify again --inputs sources
run 2 "$vigie" rederive bag --inputs sources --out again
has err "again exists already: name another folder with --out, or move it away"

# made by another build: that is said, and whether anything else differs
cp -r bag elder
sed -i -E 's/"git_commit":(null|"[0-9a-f]*")/"git_commit":"0123abcd"/' elder/data/evidence.json
run 5 "$vigie" rederive elder --inputs sources
has out "made by vigie $("$vigie" --version | awk 'NR == 1 {print $2}') (commit 0123abcd); this is vigie "
has out "): nothing else differs"
has out "NOT IDENTICAL: 1 file differs"
echo >> "$(ls elder/data/rules/*.json | head -1)"
run 5 "$vigie" rederive elder --inputs sources --lang fr
has out " ; des différences peuvent en provenir"
lacks out "rien d'autre ne diffère"

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
lacks out "made by"

# a bag cannot make us write elsewhere
sed -i 's/{"case"/{"alerts":"owned","case"/' bag/data/config/effective.json
run 5 "$vigie" rederive bag --inputs sources
has err "'alerts' does not belong into a recorded configuration"
[ ! -e owned ] || fail "a bag wrote a file"
[ -z "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'vigie-rederive-*' -newer bag/bagit.txt -user "$(id -u)")" ] ||
    fail "a temporary folder was left"
done_
