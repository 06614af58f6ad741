#!/usr/bin/env python3
"""Measures vigie beside its peers: every case once a round, rounds one after the other, medians over rounds.

Wall time is taken around the process, processor time and peak memory from wait4.  A ratio is the median of the
ratios of a round, so that a machine that slows down for a while slows both sides of it.
"""
import argparse
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import time

KIB_PER_MIB = 1024
VIGIE_CODES = (0, 1, 4)  # 4: a bound was reached; which one is printed


class Case:
    def __init__(self, name, command, lines, size, feed=None, codes=(0,), once=False):
        self.name, self.command, self.lines, self.size = name, [str(c) for c in command], lines, size
        self.feed, self.codes, self.once, self.runs = feed, codes, once, []
        self.code, self.said = 0, ""


def run(case):
    """One run: (wall s, processor s, peak MiB)."""
    feeder = subprocess.Popen(case.feed, stdout=subprocess.PIPE) if case.feed else None
    source = feeder.stdout if feeder else subprocess.DEVNULL
    begun = time.perf_counter()
    child = subprocess.Popen(case.command, stdin=source, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if feeder:
        feeder.stdout.close()
    said = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    if feeder:
        feeder.wait()
    case.code, case.said = child.returncode, said.decode(errors="replace").strip()
    if child.returncode not in case.codes:
        sys.exit(f"{' '.join(case.command)}: exit {child.returncode}\n{case.said}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / KIB_PER_MIB


def median(case, what):
    return statistics.median(r[what] for r in case.runs)


def ratio(a, b, scale=1.0):
    """Median over the rounds of a's wall time over b's."""
    n = min(len(a.runs), len(b.runs))
    return statistics.median(scale * a.runs[i][0] / b.runs[i][0] for i in range(n))


def count_lines(path):
    with open(path, "rb") as f:
        return sum(block.count(b"\n") for block in iter(lambda: f.read(1 << 22), b""))


def slice_of(path, lines, out):
    with open(path, "rb") as f, open(out, "wb") as g:
        for _ in range(lines):
            g.write(f.readline())


def warm(path):
    with open(path, "rb") as f:
        while f.read(1 << 22):
            pass


def build_cases(args, log, lines):
    size = log.stat().st_size
    vigie = [args.vigie, "analyze", "--site", "generic", "--quiet"]
    cases = {"hash": Case("openssl dgst -sha256", ["openssl", "dgst", "-sha256", log], lines, size),
             "plain": Case("vigie analyze", vigie + [log], lines, size, codes=VIGIE_CODES)}
    for level in (1, 6):
        packed = pathlib.Path(f"{log}.{level}.gz")
        if not packed.exists():
            with open(packed, "wb") as f:
                subprocess.run(["gzip", f"-{level}", "-n", "-c", str(log)], stdout=f, check=True)
        cases[f"gzip{level}"] = Case(f"vigie analyze, gzip -{level}", vigie + [packed], lines, size, codes=VIGIE_CODES)
    cases["pipe"] = Case("vigie analyze -, from cat", vigie + ["-"], lines, size, feed=["cat", str(log)], codes=VIGIE_CODES)
    cases["wc"] = Case("wc -l", ["wc", "-l", log], lines, size)
    cases["awk"] = Case("awk, count by address", ["awk", "{n[$1]++} END {for (a in n) k++; print k}", log], lines, size)
    if shutil.which("rg"):
        cases["rg"] = Case("rg -c POST", ["rg", "-c", "POST", log], lines, size)
    if shutil.which("logswan"):
        cases["logswan"] = Case("logswan", ["logswan", log], lines, size)
    if shutil.which("goaccess"):
        few = min(args.slice, lines)
        part = log.with_name("slice.log")
        slice_of(log, few, part)
        cases["goaccess"] = Case(f"goaccess, {few} lines", ["goaccess", part, "--log-format=COMBINED", "--no-progress",
                                 "--no-global-config", "-o", log.with_name("goaccess.json")],
                                 few, part.stat().st_size)
    if args.flat > 1:
        feed = [args.gen, "bench", "--lines", str(lines * args.flat), "--clients", str(args.clients)]
        cases["dense"] = Case(f"vigie analyze -, {args.flat} times the lines in the same day", vigie + ["-"],
                              lines * args.flat, size * args.flat, feed=feed, codes=VIGIE_CODES, once=True)
        days = feed + ["--hours", str(24 * args.flat)]
        cases["long"] = Case(f"vigie analyze -, {args.flat} times the lines in {args.flat} days", vigie + ["-"],
                             lines * args.flat, size * args.flat, feed=days, codes=VIGIE_CODES, once=True)
    return cases


def ratios_of(cases, args):
    """name -> (value, target or None)"""
    hash_, plain = cases["hash"], cases["plain"]
    out = {"vigie_over_hash": (ratio(plain, hash_), 1.5)}
    for level in (1, 6):
        out[f"gzip{level}_over_plain"] = (ratio(cases[f"gzip{level}"], plain), 1.2)
    for peer in ("logswan", "goaccess", "awk", "wc"):
        if peer in cases:
            scale = plain.lines / cases[peer].lines
            out[f"{peer}_over_hash"] = (ratio(cases[peer], hash_, scale), None)
    out["peak_mib"] = (max(r[2] for name in ("plain", "gzip1", "gzip6") for r in cases[name].runs), 256)
    for name in ("dense", "long"):
        if name in cases and cases[name].runs:
            out[f"peak_mib_at_{args.flat}_times_{name}"] = (cases[name].runs[0][2], 256)
            out[f"peak_at_{args.flat}_times_{name}_over_once"] = (cases[name].runs[0][2] / median(plain, 2), None)
    return out


def cpu_name():
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as f:
            return next(line.split(":", 1)[1].strip() for line in f if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def report(cases, ratios, floor):
    print(f"\n{'case':38} {'wall s':>8} {'cpu s':>8} {'peak MiB':>9} {'lines/s':>12} {'MB/s':>8}")
    for case in cases.values():
        if not case.runs:
            continue
        wall, peak = median(case, 0), median(case, 2)
        shown = f"<= {floor:.0f}" if peak <= floor else f"{peak:.1f}"
        print(f"{case.name:38} {wall:8.3f} {median(case, 1):8.3f} {shown:>9} {case.lines / wall:12,.0f} "
              f"{case.size / wall / 1e6:8.1f}")
    for case in cases.values():
        if case.code > 1:
            print(f"{case.name}: exit {case.code}: {case.said.splitlines()[0] if case.said else ''}")
    print(f"\n{'ratio':38} {'value':>8}  target")
    for name, (value, target) in ratios.items():
        mark = "" if target is None else f"<= {target}  {'met' if value <= target else 'MISSED'}"
        print(f"{name:38} {value:8.2f}  {mark}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vigie", required=True)
    parser.add_argument("--gen", required=True)
    parser.add_argument("--dir", type=pathlib.Path, required=True)
    parser.add_argument("--lines", type=int, default=3_000_000)
    parser.add_argument("--clients", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--slice", type=int, default=300_000, help="lines for goaccess")
    parser.add_argument("--flat", type=int, default=10, help="times the lines for the memory check; 1: leave out")
    parser.add_argument("--only", default="", help="comma-separated cases besides hash and plain")
    args = parser.parse_args()
    args.dir.mkdir(parents=True, exist_ok=True)

    log = args.dir / f"bench-{args.lines}-{args.clients}.log"
    if not log.exists():
        unfinished = log.with_suffix(".part")
        with open(unfinished, "wb") as f:
            subprocess.run([args.gen, "bench", "--lines", str(args.lines), "--clients", str(args.clients)], stdout=f,
                           check=True)
        unfinished.rename(log)
    cases = build_cases(args, log, count_lines(log))
    if args.only:
        wanted = {"hash", "plain", "gzip1", "gzip6"} | set(args.only.split(","))
        cases = {name: case for name, case in cases.items() if name in wanted}
    floor = run(Case("true", ["true"], 1, 1))[2]  # exec keeps the launcher's own peak
    for path in args.dir.iterdir():
        if path.is_file():
            warm(path)
    for n in range(args.rounds):
        for case in cases.values():
            if not case.once or n == 0:
                print(f"round {n + 1} of {args.rounds}: {case.name}", file=sys.stderr)
                case.runs.append(run(case))
    ratios = ratios_of(cases, args)
    report(cases, ratios, floor)
    results = {
        "machine": {"cpu": cpu_name(), "cores": os.cpu_count(), "memory_floor_mib": round(floor, 1)},
        "input": {"lines": args.lines, "clients": args.clients, "bytes": log.stat().st_size, "rounds": args.rounds},
        "cases": {name: {"command": c.name, "exit": c.code, "lines": c.lines, "bytes": c.size, "wall_s": round(median(c, 0), 4),
                         "cpu_s": round(median(c, 1), 4), "peak_mib": round(median(c, 2), 1),
                         "lines_per_s": round(c.lines / median(c, 0)),
                         "mb_per_s": round(c.size / median(c, 0) / 1e6, 1),
                         "walls_s": [round(r[0], 4) for r in c.runs]} for name, c in cases.items() if c.runs},
        "ratios": {name: {"value": round(value, 3), "target": target} for name, (value, target) in ratios.items()},
    }
    out = args.dir / "results.json"
    out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(f"\nas JSON: {out}")


if __name__ == "__main__":
    main()
