#!/usr/bin/env python3
"""The traffic that a log in the demo's format tells of, as a packet capture: one connection for each client address
and port, packets stamped as the log has it.  usage: capture_of_log.py LOG PCAP"""
import ipaddress
import re
import struct
import sys

LINE = re.compile(r'(\S+) - (\S+) \[[^]]*\] "([^"]*)" (\d+) (\d+) "([^"]*)" "([^"]*)" (\S+) (\S+) (\d+) "([^"]*)" "([^"]*)"$')
SERVER4, SERVER6, PORT = ipaddress.ip_address("192.0.2.80"), ipaddress.ip_address("2001:db8::80"), 80
FIN, SYN, PSH, ACK = 1, 2, 8, 16


def plain(text):
    """nginx's escapes undone; "-" is missing."""
    if text == "-":
        return None
    return re.sub(rb"\\x([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), text.encode())


class Connection:
    def __init__(self, client, port):
        self.client, self.port = ipaddress.ip_address(client), port
        self.server = SERVER4 if self.client.version == 4 else SERVER6
        self.seq = [1000, 5000]
        self.open = False

    def packet(self, side, flags, data=b""):
        src, dst = (self.client, self.server) if side == 0 else (self.server, self.client)
        ports = (self.port, PORT) if side == 0 else (PORT, self.port)
        acknowledged = self.seq[1 - side] if self.open or side == 1 else 0
        tcp = struct.pack(">HHIIBBHHH", *ports, self.seq[side] % 2 ** 32, acknowledged % 2 ** 32, 5 << 4, flags, 4096, 0, 0)
        self.seq[side] += len(data) + (1 if flags & (SYN | FIN) else 0)
        if self.client.version == 4:
            ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp) + len(data), 1, 0, 64, 6, 0)
            kind = 0x0800
        else:
            ip = struct.pack(">IHBB", 6 << 28, len(tcp) + len(data), 6, 64)
            kind = 0x86DD
        return b"\2\0\0\0\0\1\2\0\0\0\0\2" + struct.pack(">H", kind) + ip + src.packed + dst.packed + tcp + data


def head_of(request, referer, agent, cookie, body):
    lines = [request.replace("HTTP/2.0", "HTTP/1.1").encode(), b"Host: rdv.example.gouv.fr"]
    for name, value in ((b"User-Agent", agent), (b"Referer", referer)):
        if value is not None:
            lines.append(name + b": " + value)
    if cookie is not None:
        lines.append(b"Cookie: eZSESSID=" + cookie)
    if body is not None:
        lines += [b"Content-Type: application/x-www-form-urlencoded", b"Content-Length: %d" % len(body)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + (body or b"")


def packets(path):
    """(microsecond, order, bytes) of every packet."""
    connections, busy, order = {}, {}, 0
    rows = []
    for number, line in enumerate(open(path, encoding="latin-1")):
        found = LINE.match(line.rstrip("\n"))
        if found:
            # the log's clock ticks in milliseconds, a capture's does not
            end = round(float(found[8]) * 1e6) + number * 7919 % 1000
            rows.append((end - round(float(found[9]) * 1e6), end, found))
    rows.sort(key=lambda row: row[0])
    for start, end, found in rows:
        client, _, request, status, size, referer, agent, _, _, port, cookie, body = found.groups()
        key = (client, int(port))
        connection = connections.setdefault(key, Connection(*key))
        asked = [(start, connection.packet(0, SYN)), (start, connection.packet(1, SYN | ACK))] if not connection.open else []
        connection.open = True
        asked.append((start, connection.packet(0, PSH | ACK, head_of(request, plain(referer), plain(agent), plain(cookie), plain(body)))))
        end = busy[key] = max(end, busy.get(key, 0))
        bodyless = status in ("204", "304") or request.startswith("HEAD ")
        answer = b"HTTP/1.1 %s X\r\n" % status.encode() + (b"" if bodyless else b"Content-Length: %s\r\n" % size.encode())
        asked.append((end, connection.packet(1, PSH | ACK, answer + b"\r\n" + (b"" if bodyless else b"x" * int(size)))))
        for when, data in asked:
            yield when, order, data
            order += 1


def main():
    with open(sys.argv[2], "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for when, _, data in sorted(packets(sys.argv[1])):
            out.write(struct.pack("<IIII", when // 10 ** 6, when % 10 ** 6, len(data), len(data)) + data)


main()
