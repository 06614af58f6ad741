#!/usr/bin/env bash
# Packet captures through the commands: events with what only packets tell, the same findings as the log of the same
# traffic, evidence that verifies and rederives, the same bytes however they are read.
. "$(dirname "$0")/lib.bash"
here=$(cd "$(dirname "$0")" && pwd)
cd "$work" || exit 1

# ---- a capture of one request, one answer and one ClientHello
python3 - << 'EOF'
import struct
def packet(side, seq, ack, flags, data=b"", port=40000):
    ends = [(bytes([203, 0, 113, 7]), port), (bytes([198, 51, 100, 9]), 80)]
    (a, ap), (b, bp) = ends if side == 0 else ends[::-1]
    tcp = struct.pack(">HHIIBBHHH", ap, bp, seq, ack, 5 << 4, flags, 512, 0, 0) + data
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0) + a + b + tcp
    return b"\2" * 12 + b"\x08\0" + ip
ask = b"GET /booking/create/14056/0 HTTP/1.1\r\nHost: rdv.example.gouv.fr\r\nUser-Agent: probe\r\nx-ODD: 1\r\n\r\n"
answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
body = b"\3\3" + bytes(32) + b"\0" + b"\0\2\x13\1" + b"\1\0" + b"\0\x16" + b"\0\0\0\x12\0\x10\0\0\x0drdv.gouv.test"
hello = b"\1" + len(body).to_bytes(3, "big") + body
hello = b"\x16\3\1" + struct.pack(">H", len(hello)) + hello
packets = [packet(0, 1, 0, 2), packet(1, 1, 2, 18), packet(0, 2, 2, 16), packet(0, 2, 2, 24, ask),
           packet(1, 2, 2 + len(ask), 24, answer), packet(0, 1, 0, 2, port=40001),
           packet(0, 2, 0, 24, hello, port=40001)]
def write(name, packets):
    with open(name, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for i, p in enumerate(packets):
            f.write(struct.pack("<IIII", 1772521500, i * 1000, len(p), len(p)) + p)
write("tiny.pcap", packets)
write("broken.pcap", packets + [b"\2" * 12 + b"\x08\0\x45"])
EOF
run 0 "$vigie" events tiny.pcap --site ez-booking
cp out tiny.jsonl
[ "$(wc -l < out)" = 2 ] || fail "not one transaction and one hello"
has out '"client_ip":"203.0.113.7","client_port":40000'
has out '"completeness":"complete","connection":1'
has out '"header_names":["Host","User-Agent","x-ODD"]'
has out '"packets":[4,5]'
has out '"request_body_len":0,"response_body_len":5,"response_body_sha256":"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"'
has out '"time_meaning":"request_start","time_resolution_us":1,'
has out '"duration_us":1000'
has out '"sni":"rdv.gouv.test"'
has out '"ja3_raw":"771,4865,0,,"'
has out '"ja4":"t12d010100_'
has out '"ja4_raw":"t12d010100_1301_"'

# however it is read
gzip -nc tiny.pcap > tiny.pcap.gz
for way in "cat tiny.pcap" "cat tiny.pcap.gz"; do
    $way | "$vigie" events - --site ez-booking 2> err | sed 's/"source":"-"/"source":"tiny.pcap"/' > piped.jsonl
    cmp -s piped.jsonl tiny.jsonl || fail "a pipe of $way differs"
done
run 0 env VIGIE_READ_MAX=1 "$vigie" events tiny.pcap --site ez-booking
cmp -s out tiny.jsonl || fail "byte by byte differs"

# its bodies as files
run 0 "$vigie" events tiny.pcap --site ez-booking --extract-bodies bodies
cmp -s out tiny.jsonl || fail "--extract-bodies changes the events"
[ "$(ls bodies)" = 0001-tiny.pcap.c1.t1.response ] || fail "other files: $(ls bodies)"
[ "$(cat bodies/*)" = hello ] || fail "not the body"
run 2 "$vigie" events tiny.pcap --site ez-booking --extract-bodies bodies

# a packet that is none is rejected by its place
run 4 "$vigie" analyze broken.pcap --site ez-booking --quiet --rejects rejects.jsonl --sessions -
has rejects.jsonl '"reason":"packet_broken","record":8'
has err "more lines rejected than allowed: 1 / 8"
[ "$(wc -l < out)" = 1 ] || fail "not one session: a ClientHello is nobody's request"

# one packet explained
run 0 "$vigie" explain tiny.pcap --site ez-booking --line 4
has out '"packets": ['

# cut off: what it holds, and the run says so
head -c 500 tiny.pcap > cut.pcap
run 4 "$vigie" events cut.pcap --site ez-booking
has out '"packets":[4'
has err "broke off"

# ---- the demo's log as packets
python3 "$here/capture_of_log.py" "$demo" demo.pcap || fail "no capture was made"
common=(--site ez-booking --quiet --case AFF-1)
run 1 "$vigie" analyze demo.pcap "${common[@]}" --out bag --threads 1 --findings packets.jsonl
run 1 "$vigie" analyze demo.pcap "${common[@]}" --out bag3 --threads 3
diff -r bag/data bag3/data > /dev/null || fail "threads change the bundle"
run 1 env VIGIE_READ_MAX=977 VIGIE_BLOCK_BYTES=4096 "$vigie" analyze demo.pcap "${common[@]}" --out bagr
diff -r bag/data bagr/data > /dev/null || fail "the way of reading changes the bundle"
run 1 env VIGIE_BLOCK_BYTES=1 "$vigie" analyze demo.pcap "${common[@]}" --limit line_bytes_max=1024 --out bags
grep -q "\"sha256\":\"$(sha256sum < demo.pcap | cut -c1-64)\"" bags/data/ledger.json || fail "blocks too small for one read change the hash"
run 1 "$vigie" analyze "$demo" --format "$demo_format" "${common[@]}" --findings lines.jsonl

# the same clusters, told from packets alone; a finer clock may tell one more of even pauses
python3 - << 'EOF' || fail "packets and log disagree"
import collections, json, sys
def told(path):
    rows = [json.loads(line) for line in open(path, encoding="utf-8")]
    return collections.Counter((len(r["sessions"]), r["automated"]["concluded"], r["bulk_booking"]["concluded"]) for r in rows)
packets, lines = told("packets.jsonl"), told("lines.jsonl")
more = packets - lines
if lines - packets or any(sessions > 1 or bulk for sessions, _, bulk in more):
    sys.exit(f"{packets} instead of {lines}")
EOF

# evidence: bytes of packets, read again
run 0 "$vigie" verify bag
run 0 "$vigie" verify bag --inputs .
run 0 "$vigie" rederive bag --inputs .
has out "identical: "
has bag/data/records.jsonl '"packets":['
has bag/data/ledger.json '"format":"pcap"'
run 1 sh -c "cat demo.pcap | '$vigie' analyze - --site ez-booking --quiet --case AFF-1 --out bagp"
cmp -s bag/data/records.jsonl <(sed 's/"source":"-"/"source":"demo.pcap"/' bagp/data/records.jsonl) || fail "a pipe's records differ"

# beside a log, twice, followed
run 1 "$vigie" analyze "$demo" demo.pcap --format "$demo_format" "${common[@]}"
run 1 "$vigie" analyze demo.pcap demo.pcap --site ez-booking --case AFF-1
cat out err > said
has said "given already"
run 3 sh -c "'$vigie' watch - --site ez-booking < tiny.pcap"
has err "cannot be followed"
done_
