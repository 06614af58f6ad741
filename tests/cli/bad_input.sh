#!/usr/bin/env bash
# Input by a hostile suspect or a hurried operator: one clear line, the right exit code, and a ledger in which
# every line and byte is found again.  Nothing crashes, hangs, or reaches the terminal raw.
. "$(dirname "$0")/lib.bash"
cd "$work" || exit 1
cookie_format='nginx:$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer"'
cookie_format+=' "$http_user_agent" "$http_cookie"'
demo_options=(--site ez-booking --format "$demo_format" --quiet)

# fill BYTES CHARACTER
fill() {
    head -c "$1" /dev/zero | tr '\0' "$2"
}

# balances BAG: records and bytes of every source add up, and the bytes are the file's where it is plain.
balances() {
    checks=$((checks + 1))
    jq -e '[.sources[]
        | .parsed + .rejected + .excluded + .already_seen == .physical
          and .parsed_bytes + .rejected_bytes + .excluded_bytes + .already_seen_bytes == .bytes
          and (.compression != "none" or .bytes == .file_bytes)] | all' "$1/data/ledger.json" > /dev/null ||
        fail "the ledger of $1 does not balance: $(jq -c '.sources[] | [.physical, .parsed, .bytes, .file_bytes]' "$1/data/ledger.json")"
}

# counts BAG PHYSICAL PARSED REJECTED EXCLUDED ALREADY_SEEN: of all sources together.
counts() {
    local bag=$1 said
    shift
    checks=$((checks + 1))
    said=$(jq -r '[.sources | map(.physical), map(.parsed), map(.rejected), map(.excluded), map(.already_seen) | add]
        | map(tostring) | join(" ")' "$bag/data/ledger.json")
    [ "$said" = "$*" ] || fail "$bag counts $said instead of $*"
}

# noted BAG CODE COUNT: what the run says of itself is in the ledger, whatever the words are.
noted() {
    local said
    checks=$((checks + 1))
    said=$(jq --arg code "$2" '[.diagnostics, .sources[].diagnostics] | add | map(select(.code == $code).count) | add' \
        "$1/data/ledger.json")
    [ "$said" = "$3" ] || fail "$1: $2 is noted $said times instead of $3"
}

# analyzed CODE NAME INPUT...: with a bundle NAME.bag that balances and verifies.
analyzed() {
    local code=$1 name=$2
    shift 2
    rm -rf "$name.bag"
    run "$code" timeout 60 "$vigie" analyze "$@" --out "$name.bag"
    cp out said.out
    cp err said.err
    [ -d "$name.bag" ] || { fail "$name: no bundle"; return; }
    balances "$name.bag"
    run 0 "$vigie" verify "$name.bag"
    cp said.out out
    cp said.err err
}

# calm FILE: nothing in it that a terminal would obey.
calm() {
    checks=$((checks + 1))
    ! LC_ALL=C grep -qaP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xa8-\xae]' "$1" || {
        fail "${1##*/} would reach the terminal raw"
        LC_ALL=C grep -naP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xa8-\xae]' "$1" | cat -v | head -3
    }
}

small_log > small.log

# ---- what is no log, or only in parts ----
: > empty.log
analyzed 0 empty empty.log
noted empty.bag empty_source 1
has out "the source is empty (empty.log)"
head -c 5000 /dev/urandom > noise.bin
for input in noise.bin "$vigie" /dev/zero; do
    run 3 timeout 20 "$vigie" analyze "$input" --out none.bag
    has err ": unreadable: "
    [ ! -e none.bag ] || fail "a bundle about nothing: $input"
done
analyzed 3 beside small.log noise.bin
has err "noise.bin: unreadable: "
noted beside.bag format_unknown 1
checks=$((checks + 1))
[ "$(jq -r '.sources[1] | "\(.complete) \(.bytes) \(.source)"' beside.bag/data/ledger.json)" = \
    "false 5000 $(sha256sum noise.bin | cut -d' ' -f1)" ] || fail "the ledger does not say what noise.bin was"
{ small_log; printf '\0\0\0\0\0\0\0\0\n'; fill 4096 '\0'; echo; small_log; } > nul.log
analyzed 4 nul nul.log
counts nul.bag 12 10 2 0 0
small_log | sed 's/$/\r/' > crlf.log
analyzed 0 crlf crlf.log
counts crlf.bag 5 5 0 0 0
{ small_log; echo 'Mar  3 10:00:00 host sshd[12]: other'; echo '{"a":1}'; echo; for i in {1..20}; do small_log; done; } > mixed.log
analyzed 0 mixed mixed.log --rejects mixed.jsonl
counts mixed.bag 108 105 3 0 0
noted mixed.bag rejects 3
has out " 3 / 108"
checks=$((checks + 1))
[ "$(jq -r .raw mixed.jsonl | head -2 | tail -1)" = '{"a":1}' ] || fail "--rejects does not give the line back"
analyzed 0 since small.log --since 2030-01-01
counts since.bag 5 0 0 5 0
noted since.bag all_excluded 1
has out "every record lies outside --since and --until (small.log)"

# ---- long lines: the limit is the same wherever a block ends ----
line_start='192.0.2.1 - - [10/Oct/2026:13:55:05 +0200] "GET /page/'
line_end='a HTTP/1.1" 200 10 "-" "agent"'
for bytes in 1048574 1048575 1048576 1048577; do
    whole=5 broken=0
    [ "$bytes" -le 1048575 ] || { whole=4; broken=1; }
    rest=$((bytes - ${#line_start} - ${#line_end}))
    { small_log | head -4; printf %s "$line_start"; fill "$rest" b; printf %s "$line_end"; } > unended.log
    { cat unended.log; echo; small_log; } > ended.log
    run 0 "$vigie" analyze unended.log --quiet --max-rejects 1000 --out "u$bytes.bag"
    counts "u$bytes.bag" 5 "$whole" "$broken" 0 0
    for block in 262144 4096 1000003; do
        rm -rf long.bag
        run 0 env VIGIE_BLOCK_BYTES=$block "$vigie" analyze ended.log --quiet --max-rejects 1000 --rejects r.jsonl --out long.bag
        counts long.bag 10 $((whole + 5)) "$broken" 0 0
        balances long.bag
        [ "$block" = 262144 ] && cp r.jsonl first.jsonl
        cmp -s r.jsonl first.jsonl || fail "--rejects depends on the blocks"
    done
done
{ small_log; fill 100000000 a; echo; small_log; } > huge.log
analyzed 4 huge huge.log
counts huge.bag 11 10 1 0 0
{ fill 3000000 a; echo; small_log; fill 3000000 b; } > around.log
analyzed 4 around around.log --format combined
counts around.bag 7 5 2 0 0
rm -f huge.log ended.log unended.log

# ---- files, folders, pipes ----
mkdir nothing nologs loop
run 3 "$vigie" analyze nothing
has err "nothing: unreadable: "
lacks err Success
echo hi > nologs/readme.txt
run 3 "$vigie" analyze nologs
has err "unreadable: none of its files is a log: nologs"
ln -s . loop/self
ln -s b loop/a
ln -s a loop/b
cp small.log loop/access.log
analyzed 0 loop loop
run 3 "$vigie" analyze loop/a
has err "Too many levels of symbolic links"
analyzed 0 twice small.log small.log
counts twice.bag 10 5 0 0 5
noted twice.bag already_seen_source 1
if [ "$(id -u)" != 0 ]; then
    cp small.log secret.log
    chmod 000 secret.log
    run 3 "$vigie" analyze secret.log
    has err "Permission denied"
fi
mkfifo pipe
cat "$demo" > pipe &
analyzed 1 fifo pipe "${demo_options[@]}" --case fifo
empty err
analyzed 1 file "$demo" "${demo_options[@]}" --case fifo
checks=$((checks + 1))
cmp -s <(jq -S 'del(.source_sha256, .fields.source)' fifo.bag/data/records.jsonl) \
    <(jq -S 'del(.source_sha256, .fields.source)' file.bag/data/records.jsonl) || fail "a fifo's records are not the file's"
mkdir many
for i in {1..300}; do
    echo "192.0.2.7 - - [10/Oct/2026:13:$((i / 60 % 60 + 10)):$((i % 50 + 10)) +0200] \"GET /$i HTTP/1.1\" 200 1 \"-\" \"a\"" > "many/access.log.$i"
done
analyzed 0 many many --quiet
counts many.bag 300 300 0 0 0
analyzed 4 few many --quiet --limit sources_max=100
noted few.bag sources_dropped 200
run 3 bash -c "ulimit -n 64; exec '$vigie' analyze many --quiet"
has err "Too many open files"
small_log | sed 's/agent/other/' > equal.log
for order in "small.log equal.log" "equal.log small.log"; do
    read -ra pair <<< "$order"
    run 0 "$vigie" events "${pair[@]}" --quiet
    jq -r '.time_us, .source' out | paste - - > order.txt
    checks=$((checks + 1))
    [ "$(cut -f2 order.txt | head -2 | tr '\n' ' ')" = "$order " ] || fail "on a tie the earlier argument goes first: $order"
    sort -c -s -k1,1n order.txt || fail "not merged by time"
done

# ---- a file that changes under the reader ----
for change in "truncate -s 400 grown.log" "dd if=changed.log of=grown.log conv=notrunc bs=1M"; do
    for i in {1..4}; do cat "$demo"; done > grown.log
    sed 's/200/201/g' grown.log > changed.log
    rm -rf changed.bag
    VIGIE_READ_MAX=1 "$vigie" analyze grown.log "${demo_options[@]}" --out changed.bag > out 2> err &
    reader=$!
    for i in {1..300}; do # until it has read something
        at=$(sed -n 's/^pos:[[:space:]]*//p' "/proc/$reader/fdinfo/"* 2> /dev/null | sort -n | tail -1)
        [ "${at:-0}" -gt 100000 ] && break
        sleep 0.02
    done
    $change 2> /dev/null
    rc=0
    wait "$reader" || rc=$?
    checks=$((checks + 1))
    [ "$rc" = 4 ] || { fail "exit $rc after: $change"; cat err; }
    ! grep -q Sanitizer err || { fail "sanitizer: $change"; head -20 err; }
    balances changed.bag
    run 0 "$vigie" verify changed.bag
done
rm -f grown.log changed.log

# ---- gzip ----
zcat "$root/samples/demo/demo-ez-booking-seed42.combined.log.gz" | head -300 > plain.log
gzip -nc plain.log > whole.gz
size=$(stat -c %s whole.gz)
for at in 2 5 10 30 $((size / 2)) $((size - 8)) $((size - 1)); do
    head -c "$at" whole.gz > cut.gz
    rm -rf cut.bag
    rc=0
    "$vigie" analyze cut.gz --quiet --out cut.bag > out 2> err || rc=$?
    checks=$((checks + 1))
    { [ "$rc" = 4 ] || [ "$rc" = 3 ]; } || fail "gzip cut at $at: exit $rc"
    has err "cut.gz: partial: "
    [ -e cut.bag ] || continue
    balances cut.bag
    noted cut.bag gzip_truncated 1
done
{ cat whole.gz; echo trailing; } > trailing.gz
analyzed 0 trailing trailing.gz
noted trailing.bag gzip_trailing 1
{ cat whole.gz whole.gz; fill 5000 '\0'; } > double.gz
analyzed 0 double double.gz
counts double.bag 600 600 0 0 0
{ cat plain.log; fill 300000000 '\0'; } | gzip -1 > bomb.gz
run 0 bash -c "ulimit -t 60; exec '$vigie' analyze bomb.gz --quiet"

# ---- stamps ----
odd_stamp() { # odd_stamp STAMP PARSED REJECTED: among small_log's lines
    { small_log; echo "192.0.2.9 - - [$1] \"GET /odd HTTP/1.1\" 200 10 \"-\" \"agent\""; small_log; } > stamp.log
    analyzed 0 stamp stamp.log --max-rejects 1000
    counts stamp.bag 11 "$2" "$3" 0 0
    lacks out "2^53"
}
odd_stamp "01/Jan/1970:00:00:00 +0000" 11 0
odd_stamp "31/Dec/2254:23:59:59 +0000" 11 0
noted stamp.bag time_future 1
odd_stamp "31/Dec/9999:23:59:59 +0000" 10 1
odd_stamp "31/Dec/1969:23:59:59 +0000" 10 1
odd_stamp "30/Feb/2024:10:00:00 +0000" 10 1
odd_stamp "10/Oct/2026:25:00:00 +0200" 10 1

# ---- bytes the suspect chose ----
python3 - <<'P'
agents = [b'\x1b[31mRED\x1b]0;title\x07', b'\xff\xfe\x80', b'\\x1b[2J \\xZZ \\x4 \\x', '\u00ab Agent \u00bb'.encode(),
          '\u202egnp.exe\u200f\u2028x'.encode(), b'\xc2\x9b31m', b'\r\b\x7f\x00', b'\\"quoted\\" \\\\x41', b'\xed\xa0\x80']
with open('evil.log', 'wb') as o:
    def line(second, path, agent, cookie):
        o.write(b'198.51.100.7 - - [10/Oct/2026:13:%02d:%02d +0200] "POST %s HTTP/1.1" 200 10 "%s" "%s" "%s"\n'
                % (second // 60, second % 60, path, agent, agent, cookie))
    for i in range(540):
        a = agents[i % len(agents)]
        line(i, b'/booking/create/12/%d?email=' % (i % 6) + a.replace(b' ', b'+') + b'%40x.org', a,
             b'eZSESSID=' + a.replace(b' ', b''))
    line(541, b'/booking/create/12/3', b'agent', b'eZSESSID=' + b'k' * 65536)
    line(542, b'/booking/create/12/4?' + b'&'.join(b'email=%d@x.org' % i for i in range(20000)), b'agent', b'-')
    line(543, b'/' + b'%25' * 60000, b'agent', b'-')
    line(544, b'/' * 100000, b'agent', b'-')
    o.write(b'\x1b[31m no line \x07\n')
P
evil=(evil.log --site ez-booking --format "$cookie_format")
analyzed 1 evil "${evil[@]}" --sessions evil.sessions --findings evil.findings --rejects evil.rejects
counts evil.bag 545 544 1 0 0
for file in out err evil.sessions evil.findings evil.rejects; do calm "$file"; done
run 0 "$vigie" verify evil.bag --inputs .
run 0 "$vigie" events "${evil[@]}" --quiet
calm out
checks=$((checks + 1))
[ "$(jq -r .user_agent out | grep -cF '« Agent »')" = 60 ] || fail "French quotes were altered"
[ "$(wc -l < out)" = 544 ] || fail "events: $(wc -l < out) lines"
for line in 1 2 4 5 6 7 541 542 543 545; do
    run 0 "$vigie" explain "${evil[@]}" --line "$line" --quiet
    calm out
done
name=$(printf 'nl\n\033[31mred\xff.log')
cp small.log "$name"
analyzed 0 named "$name"
calm out
calm err
run 0 "$vigie" analyze "$name" --findings -
has err 'nl\x0a\x1b[31mred\xff.log: note:'
calm err
run 3 "$vigie" analyze "$name.missing"
has err 'nl\x0a\x1b[31mred\xff.log.missing: no such file'
calm err

# ---- many of everything: bounded, and every bound leaves a mark ----
crowd() { # crowd LINES PERL-EXPRESSIONS of $_ for address, path and cookie
    perl -e 'my ($n, $a, $p, $c) = (shift, map { eval "sub { $_ }" } @ARGV);
        for (0 .. $n - 1) {
            printf "%s - - [10/Oct/2026:%02d:%02d:%02d +0200] \"POST %s HTTP/1.1\" 200 10 \"-\" \"agent\" \"eZSESSID=%s\"\n",
                $a->(), $_ / 180000, $_ / 3000 % 60, $_ / 50 % 60, $p->(), $c->();
        }' "$@"
}
crowd 20000 '"198.51.100.7"' '"/booking/create/12/" . $_ % 6' 'sprintf "%032x", $_ * 2654435761' > cookies.log
analyzed 4 cookies cookies.log --site ez-booking --format "$cookie_format" --quiet --limit sessions_open_max=1000
noted cookies.bag sessions_evicted 19000
crowd 100000 '"198.51.100.7"' '"/booking/create/12/4?email=a$_\@x.org"' '"same"' > posts.log
analyzed 0 posts posts.log --site ez-booking --format "$cookie_format" --sessions posts.jsonl
noted posts.bag acts_truncated 1
checks=$((checks + 1))
[ "$(jq -s 'map(.requests) | add' posts.jsonl)" = 100000 ] || fail "a session lost requests"
if [ "$(nm -D "$vigie" 2> /dev/null | grep -c __asan_init)" = 0 ]; then # its shadow memory is not ours
    crowd 1000000 '"198.51.100.7"' '"/booking/create/12/" . $_ % 6' 'sprintf "%032x", $_' > million.log
    peak=$(python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' \
        "$vigie" analyze million.log --site ez-booking --format "$cookie_format" --quiet)
    checks=$((checks + 1))
    [ "$peak" -lt 262144 ] || fail "a million cookies took $peak KiB"
    rm -f million.log
fi
run 2 "$vigie" analyze small.log --threads 65
analyzed 1 threads "$demo" "${demo_options[@]}" --threads 64

# ---- every limit at its least and its most ----
for limit in $("$vigie" list limits --quiet); do
    for value in 0 9223372036854775807; do
        run_limit=("$vigie" analyze "$demo" "${demo_options[@]}" --limit "$limit=$value" --out "limit.bag")
        rm -rf limit.bag
        rc=0
        "${run_limit[@]}" > out 2> err || rc=$?
        checks=$((checks + 1))
        if [ "$rc" = 2 ]; then
            least=$(sed -n 's/.*must be from \([0-9]*\) to \([0-9]*\)$/\1/p' err)
            most=$(sed -n 's/.*must be from \([0-9]*\) to \([0-9]*\)$/\2/p' err)
            [ -n "$least" ] || { fail "--limit $limit=$value does not say what it may be"; continue; }
            [ "$value" = 0 ] && value=$least || value=$most
            rm -rf limit.bag
            rc=0
            "$vigie" analyze "$demo" "${demo_options[@]}" --limit "$limit=$value" --out limit.bag > out 2> err || rc=$?
        fi
        case $rc in 0 | 1 | 4) balances limit.bag ;; *) fail "--limit $limit=$value: exit $rc"; head -3 err ;; esac
        ! grep -q 'Sanitizer\|runtime error' err || { fail "sanitizer: $limit=$value"; head -20 err; }
    done
done

# ---- the end of a run: no room, a closed pipe, a signal ----
for option in --sessions --findings; do
    run 70 "$vigie" analyze "$demo" "${demo_options[@]}" "$option" /dev/full
    has err "/dev/full: cannot be written: No space left on device"
done
run 70 "$vigie" analyze mixed.log --quiet --rejects /dev/full
has err "/dev/full: cannot be written: No space left on device"
run 70 bash -c "'$vigie' events small.log > /dev/full"
has err "No space left on device"
run 70 bash -c "ulimit -f 100; exec '$vigie' analyze '$demo' --site ez-booking --format '$demo_format' --quiet --out room.bag"
has err "room.bag: the bundle was not written"
[ -z "$(find . -maxdepth 1 -name '*room.bag*')" ] || fail "an unfinished bundle was left"
"$vigie" events "$demo" --format "$demo_format" 2> err | head -1 > out
says <(echo "${PIPESTATUS[0]}") 0
empty err
for command in analyze events; do
    for signal in INT TERM; do
        small_log > pipe & # one writer that goes, one that stays and says nothing
        exec 3<> pipe
        "$vigie" "$command" pipe --quiet > out 2> err &
        reader=$!
        for i in {1..300}; do
            caught=$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$reader/status" 2> /dev/null)
            [ -n "$caught" ] && [ $((16#$caught & 0x4002)) = $((0x4002)) ] && break
            sleep 0.02
        done
        sleep 0.3 # it waits for more than there is
        kill -"$signal" "$reader"
        for i in {1..200}; do
            kill -0 "$reader" 2> /dev/null || break
            sleep 0.1
        done
        kill -KILL "$reader" 2> /dev/null
        rc=0
        wait "$reader" || rc=$?
        exec 3>&-
        checks=$((checks + 1))
        [ "$rc" = 4 ] || fail "$command on a silent pipe by SIG$signal: exit $rc"
        has err "interrupted"
    done
done
done_
