#!/bin/bash
# Types every command of a bundle's VERIFY.txt, as the expert would; fails when one fails.
# Usage: verify_text.sh BAG INPUTS en|fr
set -u
bag=$1 language=$3
export INPUTS
INPUTS=$(cd "$2" && pwd) || exit 2
cd "$bag" || exit 2
for tool in jq sha256sum comm base64 zcat; do
    command -v "$tool" > /dev/null || { echo "SKIP: no $tool"; exit 77; }
done
# The two languages stand one after the other, parted by a line of dashes.
part() {
    if [ "$language" = en ]; then sed '/^-----/,$d' VERIFY.txt; else sed '1,/^-----/d' VERIFY.txt; fi
}
commands=$(part | sed -n 's/^    //p')
[ -n "$commands" ] || { echo "no commands in VERIFY.txt"; exit 1; }
bad=0
while IFS= read -r line; do
    eval "$line" > /tmp/verify_text.$$ 2>&1 < /dev/null || { echo "fails: $line"; cat /tmp/verify_text.$$; bad=1; }
    case $line in *'echo OK') grep -qx OK /tmp/verify_text.$$ || bad=1 ;; esac
done <<< "$commands"
rm -f /tmp/verify_text.$$
exit $bad
