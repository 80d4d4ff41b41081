"""Envelopes without their keys: prefix, padding, inspection; parcels, topics and beacons."""

from primitives import RANDOM, Refused, label, sha256
from wire import DAY_MS, Reader, day, prefixed, u16, u64, u8

SIZES = tuple(512 << i for i in range(7))
TAGGED, OPEN = 0, 1
PREFIX_BYTES, NONCE_BYTES, SEALED_HEADER_BYTES, SEAL_BYTES = 20, 12, 59, 16
MAX_LIFETIME_DAYS, TOLERANCE_DAYS = 28, 1
PROOF_BITS = 20
MAX_PARCEL_BYTES, MAX_ENVELOPES = 65_536, 128


def expiry_day(now, lifetime=7 * DAY_MS):
    return day(now + lifetime)


def prefix(lane, expires, tag):
    return u8(1) + u8(lane) + u16(expires) + tag


def pad(content, room):
    return content + b"\x80" + bytes(room - len(content) - 1)


def pad_to_size(content, overhead):
    """The padding that makes the smallest envelope; `overhead` is what surrounds it, seal included."""
    for size in SIZES:
        if overhead + len(content) + 1 <= size:
            return pad(content, size - overhead)
    raise ValueError("too long for an envelope")


def unpad(padded, reason):
    content = padded.rstrip(b"\x00")
    if content[-1:] != b"\x80":
        raise Refused(reason)
    return content[:-1]


class Outline:
    """What inspection sees."""

    def __init__(self, envelope, now):
        if len(envelope) not in SIZES:
            raise Refused("wrong-size")
        if envelope[0] != 1:
            raise Refused("unknown-version")
        self.envelope = envelope
        self.lane = envelope[1]
        if self.lane not in (TAGGED, OPEN):
            raise Refused("unknown-lane")
        expires = int.from_bytes(envelope[2:4], "big")
        if day(now) > expires + TOLERANCE_DAYS:
            raise Refused("expired")
        if expires > day(now) + MAX_LIFETIME_DAYS + TOLERANCE_DAYS:
            raise Refused("lives-too-long")
        if self.lane == OPEN and not proof_holds(challenge_of(envelope), envelope[56:64]):
            raise Refused("unpaid")
        self.prefix = envelope[:PREFIX_BYTES]
        self.tag = envelope[4:20]


# Proof of work

def challenge_of(envelope):
    return sha256(envelope[:56] + envelope[64:])


def proof_holds(challenge, proof):
    digest = sha256(label("pow") + challenge + proof)
    return int.from_bytes(digest[:4], "big") >> (32 - PROOF_BITS) == 0


def search_proof(challenge):
    """The smallest, counted from 0."""
    count = 0
    while not proof_holds(challenge, u64(count)):
        count += 1
    return u64(count)


# Parcels and topics

def encode_parcel(envelopes, salt=None):
    return b"\x01" + (salt or RANDOM.bytes(8)) + b"".join(prefixed(envelope) for envelope in envelopes)


def decode_parcel(data):
    if len(data) > MAX_PARCEL_BYTES:
        raise Refused("malformed")
    reader = Reader(data)
    if reader.u8() != 1:
        reader.refuse()
    reader.take(8)
    envelopes = []
    while reader.at < len(data):
        envelopes.append(reader.prefixed())
    if not 1 <= len(envelopes) <= MAX_ENVELOPES:
        reader.refuse()
    return envelopes


def verdict(data, now):
    """Of a parcel: what a node says to gossipsub."""
    try:
        envelopes = decode_parcel(data)
    except Refused:
        return "reject"
    travels = False
    for envelope in envelopes:
        try:
            Outline(envelope, now)
            travels = True
        except Refused as refused:
            if refused.reason in ("wrong-size", "unknown-lane", "unpaid"):
                return "reject"
    return "accept" if travels else "ignore"


def topic(network="main", shard="0"):
    return f"/hallig/1/{network}/{shard}"


# LAN beacon

def network_tag(network):
    return sha256(b"hallig/lan/" + network.encode("ascii"))[:8]


def encode_beacon(network, beacon_id, tcp, ws):
    return b"HLGB\x01" + network_tag(network) + beacon_id + u16(tcp) + u16(ws)
