#!/usr/bin/env bash
# A format string with a slip, and files that are no log in a known format: one line that says what to type.
. "$(dirname "$0")/lib.bash"
cd "$work" || exit 1
small_log > access.log
rest='- $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'

refused() { # refused LINE FORMAT [OPTION...]
    local line=$1
    shift
    run 2 "$vigie" analyze access.log --format "$@"
    says err "vigie: $line"
    empty out
}

refused "--format: unknown name \$remote_adr at byte 1 of the format string; did you mean \$remote_addr?" \
    "nginx:\$remote_adr $rest"
refused "--format: unknown name referrer at byte 26 of the format string; did you mean referer?" \
    'apache:%h %l %u %t "%r" %>s %b "%{Referrer}i" "%{User-Agent}i"'
refused '--format: a quote that is never closed at byte 80 of the format string: "$http_referer' \
    'nginx:$remote_addr - $remote_user [$time_local] "$request" $status  $body_bytes_sent "$http_referer'
refused '--format: the format string has no complete time stamp: $remote_addr "$request"' 'nginx:$remote_addr "$request"'
refused "--format: this is a format string: put 'nginx:' before it" "\$remote_addr $rest"
refused "--format: this is a format string: put 'apache:' before it" '%h %l %u %t "%r" %>s %b'
refused "--format : ceci est une chaîne de format : la faire précéder de « nginx: »" "\$remote_addr $rest" --lang fr

# a name of the site's own, and one that is near a field which is there
run 0 "$vigie" analyze access.log --format "nginx:\$remote_addr $rest"
lacks out "no client address"
run 0 "$vigie" analyze access.log --format "nginx:\$masked $rest"
has out "no client address is logged"
sed 's/$/ 8.8.8.8 443/' access.log > near.log
run 0 "$vigie" analyze near.log --format "nginx:\$remote_addr $rest \$remote_addr4 \$http_x_forwarded_port"

# combined with more behind it
sed 's/$/ "sid=1" 0.012/' access.log > more.log
run 0 "$vigie" analyze more.log
has out "further fields without a name: 2;"
run 0 "$vigie" analyze more.log --format "nginx:\$remote_addr $rest \"\$http_cookie\" \$request_time"
lacks out "further fields"

# files that must be unpacked first, by their first bytes and whatever --format says
printf 'BZh91AY&SY' > a.bz2
printf '\xfd7zXZ\0\0\4' > a.xz
printf '\x28\xb5\x2f\xfd\0' > a.zst
printf '\xff\xfea\0' > a.utf16
for kind in "a.bz2 bzip2: bzip2 -dc FILE" "a.xz xz: xz -dc FILE" "a.zst zstd: zstd -dc FILE" \
    "a.utf16 UTF-16: iconv -f UTF-16 -t UTF-8 FILE"; do
    for format in auto combined; do
        run 3 "$vigie" analyze "${kind%% *}" --quiet --format "$format"
        says err "vigie: ${kind%% *}: unreadable: packed or encoded in a way that is not read; unpack it first: ${kind#* } | vigie analyze -"
    done
done
mkdir logs
cp access.log a.xz logs
run 4 "$vigie" analyze logs --quiet
has err "a.xz: partial: in the folder, of no known format: counted as left out (xz: xz -dc FILE | vigie analyze -)"

rm logs/a.xz
mkdir -p logs/sub logs/.hidden
run 0 "$vigie" analyze logs/ --findings -
says err "vigie: note: sub-folders and special files of a folder were not looked into: 1
vigie: access.log: note: stamps are to the second: nothing is said of shorter times
vigie: access.log: note: the client port is not logged: nobody behind a carrier's shared address can be told apart"
cp a.xz logs

# JSON of somebody else
echo '{"ClientAddr":"192.0.2.1:1","StartUTC":"2026-03-01T08:00:00Z","RequestMethod":"GET","RequestPath":"/"}' > traefik.json
run 3 "$vigie" analyze traefik.json
has err "JSON lines whose names are not known; say which is which, for instance --key-map '{"
has err '{"ClientAddr":"192.0.2.1:1"'
run 0 "$vigie" analyze traefik.json \
    --key-map '{"ClientAddr":"peer_ip","StartUTC":"time_iso","RequestMethod":"method","RequestPath":"target"}'

# what the summary says is not said twice; without it, as it was
run 0 "$vigie" analyze more.log
empty err
run 0 "$vigie" analyze more.log --findings -
has err "note: further fields without a name: 2;"
run 0 "$vigie" analyze more.log --quiet
empty err
{ small_log; for i in 1 2 3 4 5 6; do echo junk; done; } > junk.log
run 4 "$vigie" analyze junk.log
says err "vigie: junk.log: partial: more lines rejected than allowed: 6 / 11"
has out "more lines rejected than allowed: 6 / 11"

# watch follows files
mkdir empty
touch -d 2026-01-01 logs/a.xz
run 2 "$vigie" watch logs
says err "vigie: logs: is a folder; watch follows files: name them, for instance vigie watch logs/access.log"
run 2 "$vigie" watch access.log empty --lang fr
says err "vigie: empty : est un répertoire ; watch suit des fichiers : les nommer"
done_
