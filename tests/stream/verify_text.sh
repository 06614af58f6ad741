#!/bin/bash
# Types every command of a bundle's VERIFY.txt as an expert would, in both languages: all must pass on the
# bundle as written, and at least one must fail on each of its altered copies.
# Usage: verify_text.sh [BAG INPUTS]      without: on bundles of its own      (77: a tool is missing)
set -u
for tool in jq sha256sum comm base64 zcat; do
    command -v "$tool" > /dev/null || { echo "SKIP: VERIFY.txt: no $tool"; exit 77; }
done
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

# The two languages stand one after the other, parted by a line of dashes.
commands() { # LANGUAGE
    if [ "$1" = en ]; then sed '/^-----/,$d' VERIFY.txt; else sed '1,/^-----/d' VERIFY.txt; fi | sed -n 's/^    //p'
}

run() { # BAG INPUTS LANGUAGE: prints the commands that fail
    (
        cd "$1" || exit 2
        INPUTS=$2
        bad=0 count=0
        while IFS= read -r line; do
            count=$((count + 1))
            eval "$line" > "$work/said" 2>&1 < /dev/null || { echo "fails: $line"; bad=1; continue; }
            case $line in *'echo OK') grep -qx OK "$work/said" || { echo "not OK: $line"; bad=1; } ;; esac
        done <<< "$(commands "$3")"
        [ "$count" -ge "$least" ] || { echo "only $count commands"; bad=1; }
        exit "$bad"
    )
}

seal() { # recomputes both manifests of the bag in the current folder
    find data -type f | LC_ALL=C sort | xargs sha256sum > manifest-sha256.txt
    sha256sum VERIFY.txt bag-info.txt bagit.txt manifest-sha256.txt > tagmanifest-sha256.txt
}

bad=0
least=9
passes() { # BAG INPUTS
    for language in en fr; do
        run "$1" "$2" "$language" || { echo "$1: $language: a command failed on the bundle as written"; bad=1; }
    done
}

altered() { # NAME COMMAND: run in a copy of the bag
    rm -rf "$work/bag" "$work/inputs"
    cp -r "$bag" "$work/bag" && cp -r "$inputs" "$work/inputs"
    (cd "$work/bag" && eval "$2") || { echo "$1: could not alter"; bad=1; return; }
    if run "$work/bag" "$work/inputs" en > "$work/log"; then
        echo "$1: every command passes"
        bad=1
    fi
}
every_alteration() { # of $bag and $inputs
    first_log=$(jq -r '.sources[0].name | split("/") | last' "$bag/data/evidence.json")
    altered "a digit of a record" 's=data/records.jsonl; sed -i "1s/\"seq\":0/\"seq\":1/" $s'
    altered "a digit of a record, sealed again" 's=data/records.jsonl; sed -i "1s/\"seq\":0/\"seq\":1/" $s; seal'
    altered "last record cut, sealed again" 'sed -i "\$d" data/records.jsonl; seal'
    altered "records swapped, sealed again" 'sed -i "1{h;d};2G" data/records.jsonl; seal'
    altered "a file added" 'echo x > data/extra.txt'
    altered "a link added" 'ln -s /etc/passwd data/link'
    altered "a rule removed" 'rm "$(ls data/rules/*.json | head -1)"'
    altered "a rule changed, sealed again" 'echo >> "$(ls data/rules/*.json | head -1)"; seal'
    altered "evidence made pretty, sealed again" 'jq . data/evidence.json > x && mv x data/evidence.json; seal'
    altered "manifest with CR LF" 'sed -i "s/\$/\r/" manifest-sha256.txt; sha256sum VERIFY.txt bag-info.txt bagit.txt manifest-sha256.txt > tagmanifest-sha256.txt'
    altered "tag file changed" 'echo "Contact-Name: someone" >> bag-info.txt'
    altered "a source changed" 'printf x >> "$work/inputs/$first_log"'
}

# What makes the sources hard to find by name: two of one name, odd names, a compressed one, none at all.
own_cases() {
    local vigie=${VIGIE:?path of the vigie binary} demo=$root/samples/demo/demo-ez-booking-seed42 format
    local cases=$work/cases
    format=$(cat "$demo.format")
    local options=(--site ez-booking --format "$format" --quiet)
    mkdir -p "$cases/logs/a" "$cases/logs/b" "$cases/odd" "$cases/kept" "$cases/plain"
    head -1000 "$demo.log" > "$cases/logs/a/access.log"
    tail -n +1001 "$demo.log" > "$cases/logs/b/access.log"
    cp "$demo.log" "$cases/odd/"$'a b\\c\'$(x)\n\033[31m.log'
    gzip -nc "$demo.log" > "$cases/odd/no suffix"
    cp "$demo.log" "$cases/kept/stream.copy"
    head -5 "$demo.log" > "$cases/plain/access.log"
    (
        cd "$cases" || exit 2
        "$vigie" analyze logs/a/access.log logs/b/access.log "${options[@]}" --out twins
        "$vigie" analyze odd/* "${options[@]}" --out odd.bag
        "$vigie" analyze - "${options[@]}" --out streamed < <(cat "$demo.log")
        "$vigie" analyze plain/access.log "${options[@]}" --out nothing
    )
    passes "$cases/twins" "$cases/logs"
    passes "$cases/odd.bag" "$cases/odd"
    passes "$cases/streamed" "$cases/kept"
    jq -e '.records.count == 0' "$cases/nothing/data/evidence.json" > /dev/null || { echo "there are records"; bad=1; }
    least=8
    passes "$cases/nothing" "$cases/plain"
    if run "$cases/streamed" "$cases/plain" en > /dev/null; then echo "a stream that was not kept is found"; bad=1; fi
    if run "$cases/nothing" "$cases/kept" en > /dev/null; then echo "a source that is not there is found"; bad=1; fi
    least=9
}

if [ $# -ge 2 ]; then
    bag=$(cd "$1" && pwd) && inputs=$(cd "$2" && pwd) || exit 2
    passes "$bag" "$inputs"
    every_alteration
else
    own_cases
fi
exit "$bad"
