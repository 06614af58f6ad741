#!/usr/bin/env python3
"""Holds what `vigie analyze` concludes on a generated sample against the truth beside it.

  truth.py VIGIE SAMPLE.log [--site NAME] [--plain]

SAMPLE.truth.jsonl says who was behind which line, SAMPLE.format how the log is written; with --plain the log
is read as it is recognised (SAMPLE.combined.log.gz) and only the innocent are checked, since such a log has
neither bodies nor cookies.  Prints a table by class; exits 1 when an innocent actor is in a concluded finding
or a reseller is in none.
"""
import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tempfile

PEOPLE = {"applicant", "crowd", "office", "family"}
LOOKERS = {"monitor", "scanner"}  # software: automated access may be concluded, bulk booking never
MUST_BULK = {"reseller"}


def lines_of(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def read_truth(path):
    """Line number -> actor, and the actors by id."""
    rows = lines_of(path)
    actors = {row["actor"]: row for row in rows[1:]}
    owner = {}
    for actor in actors.values():
        for session in actor["sessions"]:
            for first, last in session["records"]:
                for line in range(first, last + 1):
                    owner[line] = actor["actor"]
    if len(owner) != rows[0]["lines"]:
        sys.exit(f"{path}: {len(owner)} lines have an owner, {rows[0]['lines']} were written")
    return actors, owner


def analyze(vigie, log, site, form, scratch):
    command = [vigie, "analyze", str(log), "--site", site, "--quiet", "--session-records",
               "--sessions", f"{scratch}/s.jsonl", "--findings", f"{scratch}/f.jsonl"]
    if form:
        command += ["--format", form]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)}\nexit {done.returncode}: {done.stderr.strip()}")
    return lines_of(f"{scratch}/s.jsonl"), lines_of(f"{scratch}/f.jsonl")


def owner_of(session, owner):
    """The actor of most of a session's records, and how many others are in it."""
    count = collections.Counter(owner[r["record"]] for r in session.get("records", []))
    if not count:
        return None, 0
    return count.most_common(1)[0][0], len(count) - 1


def concluded(row, what):
    value = row.get(what, {})
    return bool(value.get("concluded"))


def judge(actors, sessions, findings, owner):
    """Per class a counter, per actor the sessions concluded, and the innocent that were hit."""
    by_id = {s["id"]: s for s in sessions}
    of = {s["id"]: owner_of(s, owner) for s in sessions}
    table = collections.defaultdict(collections.Counter)
    for sid, (actor, others) in of.items():
        if actor:
            row = table[actors[actor]["class"]]
            row["sessions"] += 1
            row["mixed"] += others > 0
    hit = {"automated": set(), "bulk_booking": set()}
    for finding in findings:
        for what in hit:
            if not concluded(finding, what):
                continue
            ids = [s if isinstance(s, str) else s["id"] for s in finding["sessions"]]
            for sid in ids:
                if sid not in by_id:
                    sys.exit(f"finding {finding.get('id')} names session {sid}, which --sessions does not list")
                if of[sid][0]:
                    hit[what].add((of[sid][0], sid))
    return table, hit


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vigie")
    parser.add_argument("log", type=pathlib.Path)
    parser.add_argument("--site", default="ez-booking")
    parser.add_argument("--plain", action="store_true")
    args = parser.parse_args()
    stem = args.log.with_name(args.log.name.split(".")[0])
    actors, owner = read_truth(stem.with_suffix(".truth.jsonl"))
    form = None if args.plain else stem.with_suffix(".format").read_text(encoding="utf-8").strip()
    with tempfile.TemporaryDirectory() as scratch:
        sessions, findings = analyze(args.vigie, args.log, args.site, form, scratch)
    table, hit = judge(actors, sessions, findings, owner)

    per_actor = {what: {actor for actor, _ in pairs} for what, pairs in hit.items()}
    print(f"{'class':10} {'actors':>6} {'sessions':>8} {'mixed':>5} {'automated':>9} {'bulk':>4}   (actors concluded)")
    classes = collections.Counter(a["class"] for a in actors.values())
    for name, n in sorted(classes.items()):
        auto = sum(actors[a]["class"] == name for a in per_actor["automated"])
        bulk = sum(actors[a]["class"] == name for a in per_actor["bulk_booking"])
        print(f"{name:10} {n:6} {table[name]['sessions']:8} {table[name]['mixed']:5} {auto:9} {bulk:4}")

    wrong = []
    for what, pairs in hit.items():
        for actor, sid in sorted(pairs):
            kind = actors[actor]["class"]
            if kind in PEOPLE or (kind in LOOKERS and what == "bulk_booking"):
                wrong.append(f"{what} is concluded of {actor} ({kind}), session {sid}")
    if not args.plain:
        for actor in actors.values():
            if actor["class"] in MUST_BULK and actor["actor"] not in per_actor["bulk_booking"]:
                wrong.append(f"bulk booking is not concluded of {actor['actor']} ({actor['class']})")
    for line in wrong:
        print("FAIL:", line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
