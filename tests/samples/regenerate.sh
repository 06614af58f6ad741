#!/bin/bash
# Makes the checked-in samples again from their provenance and compares the bytes.
#   tests/samples/regenerate.sh VIGIE-GEN            fails when a file differs
#   tests/samples/regenerate.sh VIGIE-GEN --update   writes the files instead
set -euo pipefail
gen=${1:?usage: regenerate.sh VIGIE-GEN [--update]}
update=${2:-}
root=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

for provenance in "$root"/samples/*/provenance.json; do
    folder=$(dirname "$provenance")
    [ "$(jq -r .generator "$provenance")" = samples/gen ] || continue
    mapfile -t arguments < <(jq -r '.arguments[]' "$provenance")
    made=$scratch/$(basename "$folder")
    "$gen" "${arguments[@]}" --out "$made"
    while read -r file; do
        if [ "$update" = --update ]; then
            case $file in
            *.gz) gzip -9 -n -c "$made/${file%.gz}" > "$folder/$file" ;;
            *) cp "$made/$file" "$folder/$file" ;;
            esac
            continue
        fi
        case $file in
        *.gz) gzip -d -c "$folder/$file" | cmp -s - "$made/${file%.gz}" ;; # gzip's own bytes may differ
        *) cmp -s "$folder/$file" "$made/$file" ;;
        esac || { echo "FAIL: samples/$(basename "$folder")/$file is not what its provenance makes"; failed=1; }
    done < <(jq -r '.files[].file' "$provenance")
    for present in "$folder"/*; do
        name=$(basename "$present")
        [ "$name" = provenance.json ] && continue
        jq -e --arg f "$name" 'any(.files[]; .file == $f)' "$provenance" > /dev/null ||
            { echo "FAIL: samples/$(basename "$folder")/$name has no provenance"; failed=1; }
    done
done
[ $failed = 0 ] && echo "samples are what their provenance makes"
exit $failed
