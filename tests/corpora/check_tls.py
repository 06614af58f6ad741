#!/usr/bin/env python3
"""ClientHellos of other people's captures: JA4 with its raw form and server name as FoxIO states them, JA3 as nDPI
does, server names as Zeek does.  What differs must stand in DIFFERENCES.md, and what stands there must still occur."""
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CAPTURES = ROOT.parent / "shared" / "corpora" / "captures"
VIGIE = os.environ["VIGIE"]


def hellos(path):
    """The hellos of each client, in order."""
    run = subprocess.run([VIGIE, "events", str(path), "--site", "ez-booking"], capture_output=True, check=False)
    if run.returncode not in (0, 4):
        sys.exit(f"FAIL: exit {run.returncode} on {path.name}: {run.stderr.decode()[:300]}")
    found = {}
    for line in run.stdout.decode().splitlines():
        event = json.loads(line)
        if "ja3" in event:
            found.setdefault((event["client_ip"], event["client_port"]), []).append(event)
    return found


def listed(name):
    """(record, field) of the rows of one set."""
    rows = re.findall(r"^\| %s \| ([^|]+) \| (\w+) \|" % re.escape(name), (ROOT / "tests/corpora/DIFFERENCES.md").read_text(
        encoding="utf-8"), re.M)
    return {(record.strip(), field) for record, field in rows}


class Tally:
    def __init__(self, name):
        self.name, self.agree, self.listed, self.seen, self.failures = name, 0, listed(name), set(), []

    def compare(self, record, field, ours, theirs):
        if ours == theirs:
            self.agree += 1
        elif (record, field) in self.listed:
            self.seen.add((record, field))
        else:
            self.failures.append(f"{self.name} {record} {field}: {ours!r} instead of {theirs!r}")

    def close(self):
        for record, field in sorted(self.listed - self.seen):
            self.failures.append(f"{self.name} {record} {field}: listed in DIFFERENCES.md, but agrees now")
        for failure in self.failures:
            print("FAIL:", failure)
        print(f"{self.name}: {self.agree} agree, {len(self.seen)} listed, {len(self.failures)} not")
        return not self.failures and self.agree > 0


def expected(name):
    path = CAPTURES / name / "expected.jsonl"
    if not path.is_file():
        print(f"SKIP: no {path.relative_to(ROOT.parent)}")
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def foxio():
    tally, rows = Tally("captures/ja4"), expected("ja4")
    for capture in rows:
        ours, taken = hellos(CAPTURES / "ja4" / capture["file"]), {}
        for row in capture["tls"]:
            if not row["ja4"].startswith("t"):
                continue
            address, port = row["client"].rsplit(" ", 1)
            client = (address, int(port))
            i = taken[client] = taken.get(client, -1) + 1
            record = f"{capture['file']}:{row['stream']}.{row['hello']}"
            event = ours[client][i] if i < len(ours.get(client, [])) else {}
            tally.compare(record, "ja4", event.get("ja4"), row["ja4"])
            for field, theirs in (("ja4_raw", row.get("ja4_r")), ("sni", row.get("sni"))):
                if theirs is not None:
                    tally.compare(record, field, event.get(field), theirs)
        extra = sum(map(len, ours.values())) - sum(n + 1 for n in taken.values())
        tally.compare(capture["file"], "hellos", extra, 0)
    return not rows or tally.close()


def end_of(text):
    address, port = text.rsplit(":", 1)
    return address.strip("[]"), int(port)


def ndpi():
    tally, rows = Tally("captures/ndpi42"), expected("ndpi42")
    for capture in rows:
        stated = [f for f in capture["flows"] if f["l4"] == "TCP" and f.get("ja3")]
        ours = hellos(CAPTURES / "ndpi42" / capture["file"]) if stated else {}
        for flow in stated:
            events = ours.get(end_of(flow["a"])) or ours.get(end_of(flow["b"])) or [{}]
            tally.compare(f"{capture['file']}:{flow['a']}", "ja3", events[0].get("ja3"), flow["ja3"])
    return not rows or tally.close()


def zeek():
    """ssl.log has a row for each connection with a handshake; what it says of the ClientHello is the server's name."""
    tally, rows = Tally("captures/zeek"), expected("zeek")
    for capture in rows:
        stated = [r for r in capture.get("tls", []) if r.get("client_port") and not str(r.get("version")).startswith("DTLS")]
        ours = hellos(CAPTURES / "zeek" / capture["file"]) if stated else {}
        for row in stated:
            client = (row["client_ip"], row["client_port"])
            events = ours.get(client)
            record = f"{capture['file']}:{client[0]}:{client[1]}"
            tally.compare(record, "sni", events[0]["sni"] if events else "no hello", row["sni"])
    return not rows or tally.close()


sys.exit(0 if all([foxio(), ndpi(), zeek()]) else 1)
