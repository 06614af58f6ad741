#!/usr/bin/env python3
"""An include follows an arrow or stays in its room; a third-party header is included in one agreed place."""
import re

from sources import ROOT, c_files, finish, read

BASE = "analyzer/base"
MODEL = "analyzer/model"
IO = "analyzer/io"
SITE = "analyzer/site"
ENRICH = "analyzer/enrich"
SESSIONS = "analyzer/sessions"
MAY = {
    BASE: set(),
    MODEL: {BASE},
    IO: {BASE, MODEL},
    SITE: {BASE, MODEL},
    ENRICH: {BASE, MODEL, SITE},
    SESSIONS: {BASE, MODEL, SITE, ENRICH},
    "parsers": {BASE, MODEL, IO},
    "detectors": {BASE, MODEL, SITE, ENRICH, SESSIONS},
    "reports": {BASE, MODEL, IO, SITE, ENRICH, SESSIONS, "detectors"},
    "samples/gen": set(),
}
BELOW_ENGINE = set(MAY) - {"samples/gen"}
MAY["analyzer/engine"] = BELOW_ENGINE
MAY["analyzer/cli"] = BELOW_ENGINE | {"analyzer/engine"}
THIRD_PARTY = {"openssl/": BASE, "xxhash": BASE, "zlib": IO, "isa-l": IO, "brotli/": IO, "idn2": ENRICH, "cmocka": "tests"}


def room_of(path):
    for room in sorted(list(MAY) + ["tests"], key=len, reverse=True):
        if path.startswith(room + "/"):
            return room
    return None


def main():
    failures = []
    for path in c_files():
        room = room_of(str(path))
        for number, line in enumerate(read(path).splitlines(), 1):
            where = f"{path}:{number}"
            system = re.match(r"\s*#\s*include\s*<([^>]+)>", line)
            own = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
            if system:
                for prefix, place in THIRD_PARTY.items():
                    if system[1].startswith(prefix) and room not in (place, "tests"):
                        failures.append(f"{where}: <{system[1]}> belongs to {place}")
            if not own:
                continue
            if not (ROOT / own[1]).is_file():
                failures.append(f"{where}: \"{own[1]}\" is not a path from the root")
                continue
            target = room_of(own[1])
            if room in (None, "tests") or target == room:
                continue
            if target not in MAY[room]:
                failures.append(f"{where}: {room} must not include {target} (\"{own[1]}\")")
    finish("include layers", failures)


main()
