#!/usr/bin/env bash
# Configuration files: errors with line and column, options win, what is printed reads back the same.
. "$(dirname "$0")/lib.bash"
cd "$work" || exit 1
small_log > access.log

wrong() { # wrong TEXT MESSAGE
    printf '%b' "$1" > wrong.json
    run 2 "$vigie" analyze access.log --config wrong.json
    says err "vigie: $2"
    empty out
}
wrong '{\n  "sitte": "generic"\n}\n' "wrong.json:2:3: unknown key 'sitte'; did you mean 'site'?"
wrong '{"threads": "two"}' "wrong.json:1:13: threads: expected an integer"
wrong '{"threads": 1000}' "wrong.json:1:13: threads: '1000' is not a number from 0 to 64"
wrong '{"limits": {\n"sorces_max": 3}}' \
    "wrong.json:2:1: limits: unknown limit 'sorces_max'; did you mean 'sources_max'? (see vigie list limits)"
wrong '{"since": "yesterday"}' "wrong.json:1:11: since: 'yesterday' counts from now, and the same command must give \
the same evidence tomorrow; give a time like 2026-03-01T08:00"
wrong '[1]' "wrong.json:1:1: a configuration file is one JSON object"
run 2 "$vigie" analyze access.log --config nowhere.json
says err "vigie: nowhere.json: No such file or directory"

# options win over the file, the file over defaults
printf '{"site": "ez-booking", "threads": 2, "quiet": true, "inputs": ["access.log"], "limits": {"sources_max": 8}}' > c.json
run 0 "$vigie" analyze --config c.json --print-config --site generic --limit acts_open_max=500
has out '"site": "generic"'
has out '"threads": 2'
has out '"quiet": true'
has out '"sources_max": 8'
has out '"acts_open_max": 500'
has out '"format": "auto"'

# round trip
cp out printed.json
run 0 "$vigie" analyze --config printed.json --print-config
cmp -s out printed.json || fail "--print-config does not read back the same"
run 0 "$vigie" watch --print-config --config printed.json --alerts a.jsonl
has out '"alerts": "a.jsonl"'
run 4 "$vigie" analyze --config c.json # the profile explains nothing of this log: partial
empty out

# the published schema says what the program accepts
run 0 "$vigie" --config-schema
if python3 -c 'import jsonschema; jsonschema.Draft202012Validator' 2> /dev/null; then
    python3 - "$root/samples/schema/config.schema.json" printed.json wrong.json out << 'PY' || fail "schema"
import json, sys
import jsonschema
schema, printed, wrong, made = (json.load(open(p)) for p in sys.argv[1:])
v = jsonschema.Draft202012Validator(schema)
assert schema == made, "samples/schema/config.schema.json is not what --config-schema prints"
v.check_schema(schema)
assert not list(v.iter_errors(printed)), "the printed configuration does not satisfy the schema"
for bad in (wrong, {"sitte": 1}, {"threads": 65}, {"quiet": 1}, {"limits": {"a": "b"}}, {"lang": "de"}, {"inputs": "a"}):
    assert list(v.iter_errors(bad)), f"the schema accepts {bad}"
PY
else
    echo "SKIP: schema of configuration files: no python3-jsonschema with draft 2020-12"
fi

# a key map, inline and from a file
echo '{"ip": "192.0.2.1", "when": "2026-03-01T08:00:00Z", "req": "GET /a HTTP/1.1", "st": 200}' > log.json
map='{"ip": "remote_addr", "when": "time_iso8601", "req": "request", "st": "status"}'
echo "$map" > map.json
run 0 "$vigie" events log.json --format json --key-map "$map"
cp out inline
has out '"client_ip":"192.0.2.1"'
run 0 "$vigie" events log.json --format json --key-map map.json
cmp -s out inline || fail "a key map from a file differs from one inline"
run 2 "$vigie" events log.json --key-map '{"a": }'
has err "--key-map:1:7:"
done_
