#!/usr/bin/env python3
"""Nothing in the tree names a machine's paths, a package registry, or calls anybody guilty."""
import re
import subprocess

from sources import ROOT, finish

FORBIDDEN = [
    (r"(?<![\w.}])/(?:wo" r"rk|root|home|tmp/build)/", "a path of one machine"),
    (r"\b(?:pypi|crates|deb\.debian|registry\.npmjs|proxy\.golang)\.(?:org|io)\b", "a registry's host"),
    (r"\bprouve(?:nt)? que\b|\bfraudeur|\bcoupables?\b|\bproves? that (?:he|she|they|the user)\b|\bguilty\b",
     "a verdict instead of an observation"),
    (r"\bT" r"ODO\b|\bFIX" r"ME\b|\bXX" r"X\b", "an unfinished place"),
]
# Where a word has to be quoted to be spoken of.
EXEMPT = {"tests/lint/check_words.py"}
TEXT = {".c", ".h", ".def", ".md", ".json", ".sh", ".py", ".txt", ".cmake", ".1", ".jsonl", ".yml", ""}


def files():
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"],
                            capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return [ROOT / line for line in listed.stdout.splitlines()]
    return [p for p in ROOT.rglob("*") if p.is_file() and "build" not in p.relative_to(ROOT).parts[0]]


def main():
    failures = []
    for path in files():
        name = str(path.relative_to(ROOT))
        if path.suffix not in TEXT or name in EXEMPT or not path.is_file() or path.stat().st_size > 4 << 20:
            continue
        if "/corpus/" in name:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for pattern, why in FORBIDDEN:
            if name.startswith("tests/unit/") and why.startswith("a verdict"):
                continue  # tests look for these words in what is written
            for found in re.finditer(pattern, text):
                line = text.count("\n", 0, found.start()) + 1
                failures.append(f"{name}:{line}: {why}: {found.group()!r}")
    finish("words", failures)


main()
