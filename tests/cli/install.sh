#!/usr/bin/env bash
# `cmake --install` puts everything where Debian looks for it, and what it put there works from there.
set -euo pipefail
build=${VIGIE_BUILD:?build folder}
unset VIGIE_SITES
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
failed=0
fail() {
    echo "FAIL: $*"
    failed=1
}

cmake --install "$build" --prefix "$prefix" > "$prefix/log" 2>&1 || { cat "$prefix/log"; exit 1; }
for file in bin/vigie share/man/man1/vigie.1 share/bash-completion/completions/vigie \
    share/zsh/vendor-completions/_vigie share/fish/vendor_completions.d/vigie.fish \
    share/vigie/sites/ez-booking.json share/vigie/sites/rdvpref.json share/vigie/sites/generic.json \
    share/vigie/schema/evidence.schema.json; do
    [ -s "$prefix/$file" ] || fail "$file was not installed"
done
for extra in bin share; do
    [ -d "$prefix/$extra" ] || fail "no $extra"
done
find "$prefix/bin" "$prefix/share" -type f ! -perm -a=r -print | grep . && fail "not readable by all"

sites=$(cd / && "$prefix/bin/vigie" list sites --quiet)
for site in ez-booking rdvpref generic; do
    grep -qx "$site" <<< "$sites" || fail "the installed program does not find the profile $site"
done
check() { # check PROGRAM ARGUMENTS...: only where the shell is there
    command -v "$1" > /dev/null || { echo "SKIP: cli.install: no $1"; return; }
    "$@" > "$prefix/out" 2>&1 && [ ! -s "$prefix/out" ] || { fail "$*"; cat "$prefix/out"; }
}
check bash -n "$prefix/share/bash-completion/completions/vigie"
check zsh -n "$prefix/share/zsh/vendor-completions/_vigie"
check fish -n "$prefix/share/fish/vendor_completions.d/vigie.fish"
check mandoc -T lint -W warning "$prefix/share/man/man1/vigie.1"
[ $failed = 0 ] && echo "installed as it should be"
exit $failed
