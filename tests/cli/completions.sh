#!/usr/bin/env bash
# The completions load in their shells and complete what the option table says.
. "$(dirname "$0")/lib.bash"
cd "$work" || exit 1
for shell in bash zsh fish; do
    run 0 "$vigie" --completions "$shell"
    cp out "vigie.$shell"
    empty err
done
run 2 "$vigie" --completions tcsh
mkdir bin
ln -s "$vigie" bin/vigie
PATH=$work/bin:$PATH

complete_bash() { # complete_bash WORD...: what is offered for the last word
    bash --norc -c '. ./vigie.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _vigie; printf "%s\n" "${COMPREPLY[@]}"' \
        bash "$@" > offered
}
complete_bash vigie an
says offered analyze
complete_bash vigie analyze --sess
says offered "--sessions
--session-records"
complete_bash vigie analyze --site ez
says offered ez-booking
complete_bash vigie list det
says offered detectors
complete_bash vigie analyze --color a
says offered "auto
always"
complete_bash vigie --lang fr an
says offered analyze
complete_bash vigie --lang = fr analyze --sess
says offered "--sessions
--session-records"
complete_bash vigie analyze --site = ez
says offered ez-booking
complete_bash vigie analyze --site =
has offered rdvpref
complete_bash vigie analyze --param form-latency.quick_u
says offered form-latency.quick_us
complete_bash vigie verify --ale
says offered ""

if command -v zsh > /dev/null; then
    zsh -f -c 'autoload -U compinit; compinit -u -D; source ./vigie.zsh; (( $+functions[_vigie] ))' 2> err ||
        { fail "zsh"; head -5 err; }
    zsh -f -n vigie.zsh || fail "zsh syntax"
else
    echo "SKIP: zsh completions: no zsh"
fi
if command -v fish > /dev/null; then
    fish --no-config -c 'source ./vigie.fish; complete -C "vigie an"' 2> err > offered || { fail "fish"; head -5 err; }
    has offered analyze
    fish --no-config -c 'source ./vigie.fish; complete -C "vigie analyze --sess"' > offered 2> err
    has offered "--session-records"
    fish --no-config -c 'source ./vigie.fish; complete -C "vigie verify --ale"' > offered 2> err
    lacks offered "--alerts"
else
    echo "SKIP: fish completions: no fish"
fi
done_
