#!/usr/bin/env bash
# Help and version: in both languages, on standard output, exit 0, nothing on standard error.
. "$(dirname "$0")/lib.bash"
commands='analyze watch verify rederive events explain list site'

run 0 "$vigie" --help
empty "$work/err"
for command in $commands; do
    has "$work/out" "  $command"
done
run 0 "$vigie" --help --lang fr
has "$work/out" "Commandes :"
for command in $commands; do
    run 0 "$vigie" "$command" --help
    empty "$work/err"
    has "$work/out" "Usage: vigie $command"
    run 0 "$vigie" "$command" -h -l fr
    empty "$work/err"
    has "$work/out" "Usage : vigie $command"
done
run 0 "$vigie" analyze --help
has "$work/out" "--session-records"
lacks "$work/out" "--alerts"
lacks "$work/out" "--completions"
run 0 "$vigie" --version
for library in vigie OpenSSL zlib ISA-L xxHash libidn2; do
    grep -qE "^$library [0-9n]" "$work/out" || fail "--version lacks $library"
done
run 0 "$vigie" -V
empty "$work/err"

for what in formats detectors sites limits diagnostics fields; do
    run 0 "$vigie" list "$what"
    empty "$work/err"
    [ "$(wc -l < "$work/out")" -ge 3 ] || fail "list $what is short"
    run 0 "$vigie" list "$what" --lang fr
    run 0 "$vigie" list "$what" --quiet
    ! grep -q ' ' "$work/out" || fail "list $what --quiet has more than names"
done
run 0 "$vigie" list limits
has "$work/out" "line_bytes_max"
run 0 "$vigie" list sites -q
has "$work/out" "ez-booking"
done_
