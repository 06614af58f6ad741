#!/usr/bin/env bash
# A mistake is one clear line on standard error that names the nearest valid name; standard output stays empty.
. "$(dirname "$0")/lib.bash"
cd "$work" || exit 1
small_log > access.log

mistake() { # mistake CODE LINE ARGUMENT...
    local code=$1 line=$2
    shift 2
    run "$code" "$vigie" "$@"
    says err "vigie: $line"
    empty out
}

mistake 2 "no command is given (see vigie --help)"
mistake 2 "unknown command 'analyse'; did you mean 'analyze'? (see vigie --help)" analyse access.log
mistake 2 "unknown option '--sitte'; did you mean '--site'?" analyze access.log --sitte x
mistake 2 "option '--out' needs a value: --out DIR" analyze access.log --out
mistake 2 "option '--alerts' does not belong to 'analyze' (it belongs to: watch)" analyze access.log --alerts x
mistake 2 "no input is given: name a log, a folder, or - for standard input" analyze
mistake 3 "acces.log: no such file; did you mean 'access.log'?" analyze acces.log
mistake 3 "$work/acess.log: no such file; did you mean '$work/access.log'?" analyze "$work/acess.log"
mistake 3 "nowhere/x.log: no such file" analyze nowhere/x.log
mistake 2 "--format: unknown format 'combinde'; did you mean 'combined'? (see vigie list formats)" \
    analyze access.log --format combinde
mistake 2 "--limit: unknown limit 'source_max'; did you mean 'sources_max'? (see vigie list limits)" \
    analyze access.log --limit source_max=3
mistake 2 "--param: unknown detector 'form-latancy'; did you mean 'form-latency'? (see vigie list detectors)" \
    analyze access.log --param form-latancy.x=1
mistake 2 "--threads: 'many' is not a number from 0 to 64" analyze access.log --threads many
mistake 2 "there is no list of 'format'; did you mean 'formats'? ($(
    echo 'formats|detectors|sites|limits|diagnostics|fields'))" list format
mistake 2 "verify takes exactly one operand: vigie verify BAG" verify
mistake 3 "nowhere: No such file or directory" verify nowhere
mistake 3 "access.log: is not a folder" verify access.log
mistake 2 "rederive needs the folder of the sources: --inputs DIR" rederive .
mistake 2 "explain takes either --line N or --session ID" explain access.log
mistake 2 "explain takes either --line N or --session ID" explain access.log --line 1 --session S-1
mistake 2 "site takes: vigie site check PROFILE [LOG...]" site chek generic

# the same in French, by option and by environment
mistake 3 "acces.log : fichier introuvable ; vouliez-vous dire « access.log » ?" analyze acces.log --lang fr
run 2 env LC_ALL=fr_FR.UTF-8 "$vigie" verfy x
says err "vigie: commande inconnue « verfy » ; vouliez-vous dire « verify » ? (voir vigie --help)"
run 2 env LC_ALL= LANG=fr_FR.UTF-8 "$vigie" analyze -Z
says err "vigie: option inconnue « -Z » (voir vigie --help)"
run 2 env LC_ALL=fr_FR.UTF-8 "$vigie" analyze -Z --lang en
says err "vigie: unknown option '-Z' (see vigie --help)"

mistake 3 "nowhere : fichier ou répertoire inexistant" verify nowhere --lang fr

# hostile names cannot write to the terminal
mistake 3 'a\x1b[31m.log: no such file' analyze $'a\033[31m.log'

# --out that exists is refused before anything is read
mkdir case
mistake 2 "case exists already: name another folder with --out, or move it away" analyze access.log --out case
mistake 2 "no/such/place: cannot be created: No such file or directory" analyze access.log --out no/such/place

# a site profile that is none
run 2 "$vigie" analyze access.log --site ez-boking
has err "ez-booking"
echo '{' > bad.json
run 2 "$vigie" analyze access.log --site ./bad.json
has err "bad.json:"
[ "$(wc -l < err)" = 1 ] || fail "more than one line for a bad profile"
done_
