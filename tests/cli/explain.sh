#!/usr/bin/env bash
# explain: every decision on one record or session; site check: what a profile explains.
. "$(dirname "$0")/lib.bash"
cd "$work" || exit 1
small_log > access.log
echo "no log line" >> access.log
demo_args=("$demo" --site ez-booking --format "$demo_format" --quiet)

run 4 "$vigie" explain access.log --line 2 --quiet
has out "Line 2, offset"
has out "combined"
has out "Client: 192.0.2.2"
has out "No session cookie in the record"
run 4 "$vigie" explain access.log --line 6 --quiet
has out "Rejected ("
run 2 "$vigie" explain access.log --line 7 --quiet
has err "line 7: the source has 6 lines"
run 4 "$vigie" explain access.log --line 1 --since 2026-10-11 --quiet
has out "Line 1 is excluded"
run 4 "$vigie" explain access.log --line 2 --quiet --lang fr
has out "Ligne 2, position"

# a session by its id, and by one of its records
run 1 "$vigie" analyze "${demo_args[@]}" --sessions s.jsonl --session-records
id=$(grep -m1 '"automated":{"concluded":true' s.jsonl | grep -o '"id":"S-[0-9a-f]*"' | head -1 | cut -d'"' -f4)
[ -n "$id" ] || fail "no session concluded automated in the demo"
run 0 "$vigie" explain "${demo_args[@]}" --session "$id"
has out "$id"
has out "form-latency:"
has out "== Group of linked sessions"
line=$(grep -oE 'line [0-9]+' out | head -1 | cut -d' ' -f2)
run 0 "$vigie" explain "${demo_args[@]}" --line "$line"
has out "$id"
run 0 "$vigie" explain "${demo_args[@]}" --session "$id" --lang fr
has out "== Groupe de sessions liées"
run 2 "$vigie" explain "${demo_args[@]}" --session S-0000000000000000
has err "no session S-0000000000000000 in these inputs"

run 0 "$vigie" site check ez-booking
has out "identity-post"
run 0 "$vigie" site check ez-booking "$demo" --format "$demo_format"
has out "identity-post"
run 2 "$vigie" site check "$root/samples/demo/provenance.json"
done_
