#!/usr/bin/env python3
"""A line in a .def table is a promise: every parser has its file, a sample, a golden file and a fuzz corpus; every
detector has its file; every table's file is in its table."""
import pathlib
import re

from sources import ROOT, code_of, finish, read


def entries(path, macro):
    return re.findall(r"^\s*%s\((\w+)" % macro, code_of(read(path)), re.M)


def parsers(failures):
    for name in entries("parsers/log/parsers.def", "PARSER"):
        source = ROOT / "parsers" / "log" / f"{name}.c"
        if not source.is_file():
            failures.append(f"parser {name}: no parsers/log/{name}.c")
            continue
        sample = re.search(r'\.sample\s*=\s*"([^"]+)"', source.read_text(encoding="utf-8"))
        if not sample or not (ROOT / sample[1]).is_file():
            failures.append(f"parser {name}: no sample ({sample[1] if sample else 'none named'})")
        else:
            stem = pathlib.Path(sample[1]).name.split(".")[0]
            if not any((ROOT / "tests" / "golden").rglob(f"*{stem}*")):
                failures.append(f"parser {name}: no golden file for {sample[1]} in tests/golden")
        corpora = [d for d in (ROOT / "tests" / "fuzz" / "corpus").glob(f"*{name}*") if d.is_dir() and any(d.iterdir())]
        if not corpora:
            failures.append(f"parser {name}: no fuzz corpus tests/fuzz/corpus/*{name}*")


def detectors(failures):
    text = "\n".join(p.read_text(encoding="utf-8") for p in sorted((ROOT / "detectors").glob("*.c")))
    for name in entries("detectors/detectors.def", "DETECTOR"):
        if not re.search(r"\bconst struct detector detector_%s\b" % name, text):
            failures.append(f"detector {name}: no descriptor detector_{name}")


def fuzz(failures):
    for target in sorted((ROOT / "tests" / "fuzz").glob("fuzz_*.c")):
        seeds = ROOT / "tests" / "fuzz" / "corpus" / target.stem[len("fuzz_"):]
        if not seeds.is_dir() or not any(seeds.iterdir()):
            failures.append(f"{target.name}: no seeds in tests/fuzz/corpus/{seeds.name}")


def main():
    failures = []
    parsers(failures)
    detectors(failures)
    fuzz(failures)
    finish("tables", failures)


main()
