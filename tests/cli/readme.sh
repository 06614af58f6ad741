#!/usr/bin/env bash
# The transcript and the finding in README.md are what the program prints; UPDATE_README=1 writes them anew.
set -euo pipefail
vigie=${VIGIE:?path of the vigie binary}
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ln -s "$root/samples" "$work/samples"
mkdir "$work/bin"
ln -s "$vigie" "$work/bin/vigie"
export PATH="$work/bin:$PATH" LC_ALL=C.UTF-8 COLUMNS=80
export VIGIE_SITES="$root/samples/sites"
cd "$work"

{
    echo '$ vigie analyze samples/demo/demo-ez-booking-seed42.log --site ez-booking \'
    echo '    --format "$(cat samples/demo/demo-ez-booking-seed42.format)" --out AFF-DEMO'
    vigie analyze samples/demo/demo-ez-booking-seed42.log --site ez-booking \
        --format "$(cat samples/demo/demo-ez-booking-seed42.format)" --out AFF-DEMO --findings findings.jsonl --session-records || [ $? -eq 1 ]
    echo '$ vigie verify AFF-DEMO --inputs samples/demo'
    vigie verify AFF-DEMO --inputs samples/demo
    echo '$ vigie rederive AFF-DEMO --inputs samples/demo'
    vigie rederive AFF-DEMO --inputs samples/demo
} > transcript 2> messages
jq -s 'map(select(.bulk_booking.concluded))[0]
    | def families: map({(.family): .llr_milli}) | add;
      {cluster, automated: (.automated | .families |= families), bulk_booking: (.bulk_booking | .families |= families),
       sessions: (.sessions | length),
       reasons: (.reasons | group_by(.detector) | map(max_by(.llr_milli) | del(.says.fr, .session, .subject)
                | .inputs |= (map({(.name): .value}) | add))),
       hypotheses: (.hypotheses | map({(.id): .status}) | add), limits: (.limits | map(.code))}' findings.jsonl \
    | python3 -c 'import json, re, sys
text = json.dumps(json.load(sys.stdin), indent=2, ensure_ascii=False)
# lists of words and small objects of numbers on one line
print(re.sub(r"([\[{])([^\[\]{}]{0,400}?)([\]}])", lambda m: m[1] + re.sub(r"\s*\n\s*", " ", m[2]).strip() + m[3]
             if len(re.sub(r"\s+", " ", m[2])) < 100 else m[0], text))' > finding

python3 - "$root/README.md" transcript finding << 'PYTHON'
import os, re, sys
readme, transcript, finding = sys.argv[1:]
text = open(readme, encoding="utf-8").read()
want = text
for fence, path in (("console", transcript), ("json", finding)):
    body = open(path, encoding="utf-8").read().rstrip("\n")
    want = re.sub(r"(?<=```%s\n).*?(?=\n```)" % fence, lambda _: body, want, count=1, flags=re.S)
# the bundle names the commit it was made by: its size is that of this build
size = lambda t: re.sub(r"(identical: \d+ files), \d+ bytes", r"\1", t)
if size(want) == size(text):
    print("2 passed, 0 failed")
elif os.environ.get("UPDATE_README"):
    open(readme, "w", encoding="utf-8").write(want)
    print("written anew")
else:
    open("want.md", "w", encoding="utf-8").write(want)
    os.system("diff %s want.md | head -40" % readme)
    print("FAIL README.md shows something else; UPDATE_README=1 tests/cli/readme.sh writes it anew")
    sys.exit(1)
PYTHON
