#!/usr/bin/env bash
# Same bytes in, same bytes out: a log given as file, pipe, gzip (one member and many), read byte by byte
# and with 1 to 4 threads gives the same data/, but for what describes the source itself.
set -euo pipefail
vigie=${VIGIE:?path of the vigie binary}
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# What may differ: name, size, hash and compression of the source as stored.
plain() {
    local bag=$1
    for f in "$bag"/data/evidence.json "$bag"/data/ledger.json; do
        jq -cS 'walk(if type == "object" then
                    del(.name, .file_bytes, .compression, .sha256, .source_sha256, .bytes_stored)
                    | (if has("source") and (.source | type) == "string" and (.source | test("^[0-9a-f]{64}$"))
                       then del(.source) else . end)
                else . end)' "$f"
    done
    jq -cS 'del(.source_sha256, .fields.source)' "$bag/data/records.jsonl"
    (cd "$bag/data" && sha256sum rules/* schema/* config/site.json)
}

run() { # run NAME INPUT [ENV...] -- OPTIONS
    local name=$1
    shift
    local rc=0
    "$@" > "$work/$name.out" 2> "$work/$name.err" || rc=$?
    if [ $rc -gt 1 ]; then
        echo "FAIL $name: exit $rc"
        cat "$work/$name.err"
        failed=$((failed + 1))
        return 0
    fi
    plain "$work/$name.bag" > "$work/$name.plain"
    if cmp -s "$work/reference.plain" "$work/$name.plain"; then
        passed=$((passed + 1))
    else
        echo "FAIL $name: data/ differs from the plain file's"
        diff "$work/reference.plain" "$work/$name.plain" | cut -c1-300 | head -5
        failed=$((failed + 1))
    fi
}

check() { # check LOG SITE FORMAT
    local log=$1 site=$2 format=$3
    rm -rf "$work"/*
    cp "$log" "$work/access.log"
    gzip -nc "$log" > "$work/access.log.gz"
    split -n l/5 --filter='gzip -nc' "$log" > "$work/many.log.gz"
    local opts=(--site "$site" --format "$format" --case invariance --quiet)
    "$vigie" analyze "$work/access.log" "${opts[@]}" --threads 1 --out "$work/reference.bag" || [ $? -eq 1 ]
    plain "$work/reference.bag" > "$work/reference.plain"
    for n in 1 2 3 4; do
        run "threads$n" "$vigie" analyze "$work/access.log" "${opts[@]}" --threads "$n" --out "$work/threads$n.bag"
        run "gz$n" "$vigie" analyze "$work/access.log.gz" "${opts[@]}" --threads "$n" --out "$work/gz$n.bag"
    done
    run members "$vigie" analyze "$work/many.log.gz" "${opts[@]}" --out "$work/members.bag"
    run bytes env VIGIE_READ_MAX=1 "$vigie" analyze "$work/access.log" "${opts[@]}" --out "$work/bytes.bag"
    run gzbytes env VIGIE_READ_MAX=1 "$vigie" analyze "$work/access.log.gz" "${opts[@]}" --out "$work/gzbytes.bag"
    run pipe bash -c "cat '$work/access.log' | '$vigie' analyze - --site '$site' --format '$format' --case invariance \
        --quiet --out '$work/pipe.bag'"
    run small env VIGIE_BLOCK_BYTES=700 "$vigie" analyze "$work/access.log" "${opts[@]}" --threads 3 --out "$work/small.bag"
}

for log in "$root"/samples/demo/*.log "$root"/samples/rdvpref/*.log; do
    [ -e "$log" ] || continue
    site=ez-booking
    case $log in *rdvpref*) site=rdvpref ;; esac
    format=auto
    [ -e "${log%.log}.format" ] && format=$(cat "${log%.log}.format")
    check "$log" "$site" "$format"
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
