#!/usr/bin/env bash
# The man page is clean; that it names every option and key is a unit test.
. "$(dirname "$0")/lib.bash"
command -v mandoc > /dev/null || { echo "SKIP: man page: no mandoc"; exit 77; }
# references to other pages are looked up in a data base of this machine: not ours to judge
mandoc -T lint -W warning "$root/analyzer/cli/vigie.1" 2>&1 | grep -v 'mandoc.db\|referenced manual not found' > "$work/out"
empty "$work/out"
mandoc -T utf8 "$root/analyzer/cli/vigie.1" | sed 's/.\x08//g' > "$work/page" || fail "mandoc"
has "$work/page" "français"
for command in analyze watch verify rederive events explain list site; do
    has "$work/page" "$command"
done
done_
