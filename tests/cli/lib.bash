# lib.bash: what the tests of the command line share.  Each check names what it wants; done_ reports.
set -uo pipefail
vigie=${VIGIE:?path of the vigie binary}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export VIGIE_SITES=$root/samples/sites LC_ALL=C.UTF-8
unset LC_MESSAGES LANG NO_COLOR VIGIE_FAULT_ALLOC VIGIE_FAULT_WRITE
demo=$root/samples/demo/demo-ez-booking-seed42.log
demo_format=$(cat "$root/samples/demo/demo-ez-booking-seed42.format")
failed=0
checks=0

fail() {
    echo "FAIL: $*"
    failed=1
}

# run CODE COMMAND...: output in $work/out and $work/err.
run() {
    local want=$1 rc=0
    shift
    "$@" > "$work/out" 2> "$work/err" < /dev/null || rc=$?
    checks=$((checks + 1))
    if [ "$rc" != "$want" ]; then
        fail "exit $rc instead of $want: ${*##*/}"
        head -5 "$work/out" "$work/err"
    fi
    if grep -q 'Sanitizer\|runtime error' "$work/err"; then
        fail "sanitizer: $*"
        head -20 "$work/err"
    fi
}

# says FILE TEXT: exactly that and nothing else.
says() {
    checks=$((checks + 1))
    [ "$(cat "$1")" = "$2" ] || { fail "instead of: $2"; head -5 "$1"; }
}

# has FILE TEXT / lacks FILE TEXT
has() {
    checks=$((checks + 1))
    grep -qF -- "$2" "$1" || { fail "${1##*/} lacks: $2"; head -10 "$1"; }
}
lacks() {
    checks=$((checks + 1))
    ! grep -qF -- "$2" "$1" || { fail "${1##*/} has: $2"; head -10 "$1"; }
}
empty() {
    checks=$((checks + 1))
    [ ! -s "$1" ] || { fail "${1##*/} is not empty"; head -5 "$1"; }
}

done_() {
    echo "$checks checks"
    exit "$failed"
}

# A small log of five harmless requests.
small_log() {
    for second in 1 2 3 4 5; do
        echo "192.0.2.$second - - [10/Oct/2026:13:55:0$second +0200] \"GET /page/$second HTTP/1.1\" 200 10 \"-\" \"agent\""
    done
}
