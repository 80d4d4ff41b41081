"""The payload ("Payload"): protobuf read and written by hand, after https://protobuf.dev/programming-guides/encoding/."""

from identity import conversation_id, identity_id
from primitives import Refused, label, sha256
from wire import MAX_U64, prefixed, u64

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
PIECE = 3
MAX_CONTENT_BYTES = 30_720
MAX_BODIES, MAX_RECEIPTS, MAX_RUNS, MAX_PARENTS = 128, 8, 64, 8


# Writing

def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def number_field(field, value):
    return varint(field << 3 | VARINT) + varint(value) if value else b""


def bytes_field(field, value, always=True):
    return varint(field << 3 | BYTES) + varint(len(value)) + value if value or always else b""


def number_fields(field, values):
    """Not packed. A zero is written too: it is an element, not an absent field."""
    return b"".join(varint(field << 3 | VARINT) + varint(value) for value in values)


def encode_body(body):
    out = bytes_field(1, body["stream"], always=False) + number_field(2, body["number"])
    out += number_field(3, body["clock"])
    out += b"".join(bytes_field(4, parent) for parent in body["parents"])
    out += number_field(5, body["sentAt"])
    if "text" in body:
        out += bytes_field(6, body["text"].encode())
    if "data" in body:
        media_type, data = body["data"]
        out += bytes_field(7, bytes_field(1, media_type.encode(), False) + bytes_field(2, data, False))
    if "profile" in body:
        profile = body["profile"]
        addresses = b"".join(bytes_field(2, address.encode()) for address in profile["addresses"])
        inner = bytes_field(1, profile["name"].encode(), False) + addresses
        out += bytes_field(8, inner + bytes_field(3, profile["bundle"], False))
    return out


def encode_receipt(receipt):
    return (
        bytes_field(1, receipt["stream"], always=False) + number_fields(2, receipt["delivered"])
        + number_fields(3, receipt["read"])
    )


def encode_payload(encoded_bodies, receipts):
    return b"".join(bytes_field(1, body) for body in encoded_bodies) + b"".join(
        bytes_field(2, encode_receipt(receipt)) for receipt in receipts
    )


def piece_room(room):
    """Bytes of a piece whose field fits `room`: its number and the length come off."""
    return room - 2 if room - 2 < 128 else room - 3


# Reading

def read_varint(data, at):
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise Refused("malformed")
        byte = data[at]
        value |= (byte & 127) << shift
        at += 1
        if byte < 128:
            return value, at
        shift += 7


def read_fields(data):
    """(field, wire type, value) in order; groups are refused, as proto3 has none."""
    at = 0
    while at < len(data):
        head, at = read_varint(data, at)
        field, kind = head >> 3, head & 7
        if kind == VARINT:
            value, at = read_varint(data, at)
        elif kind in (BYTES, FIXED32, FIXED64):
            if kind == BYTES:
                length, at = read_varint(data, at)
            else:
                length = 4 if kind == FIXED32 else 8
            if at + length > len(data):
                raise Refused("malformed")
            value, at = data[at:at + length], at + length
        else:
            raise Refused("malformed")
        yield field, kind, value


def text_of(value, most):
    if len(value) > most:
        raise Refused("over-limit")
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("malformed") from None


def check(holds):
    if not holds:
        raise Refused("over-limit")


def decode_body(data):
    body = {"stream": b"", "number": 0, "clock": 0, "parents": [], "sentAt": 0}
    for field, kind, value in read_fields(data):
        if field == 1 and kind == BYTES:
            body["stream"] = value
        elif field in (2, 3, 5) and kind == VARINT:
            body[{2: "number", 3: "clock", 5: "sentAt"}[field]] = value
        elif field == 4 and kind == BYTES:
            body["parents"].append(value)
        elif field == 6 and kind == BYTES:
            body["text"] = text_of(value, MAX_CONTENT_BYTES)
        elif field == 7 and kind == BYTES:
            body["data"] = decode_data(value)
        elif field == 8 and kind == BYTES:
            body["profile"] = decode_profile(value)
    check(len(body["stream"]) == 8)
    check(all(body[name] <= MAX_U64 for name in ("number", "clock", "sentAt")))
    check(len(body["parents"]) <= MAX_PARENTS and all(len(parent) == 16 for parent in body["parents"]))
    check(sum(name in body for name in ("text", "data", "profile")) <= 1)
    return body


def decode_data(data):
    media_type, content = "", b""
    for field, kind, value in read_fields(data):
        if field == 1 and kind == BYTES:
            media_type = text_of(value, 128)
        elif field == 2 and kind == BYTES:
            content = value
    check(len(content) <= MAX_CONTENT_BYTES)
    return media_type, content


def decode_profile(data):
    profile = {"name": "", "addresses": [], "bundle": b""}
    for field, kind, value in read_fields(data):
        if field == 1 and kind == BYTES:
            profile["name"] = text_of(value, 64)
        elif field == 2 and kind == BYTES:
            profile["addresses"].append(text_of(value, 160))
        elif field == 3 and kind == BYTES:
            profile["bundle"] = value
    check(len(profile["addresses"]) <= 8 and len(profile["bundle"]) <= 2_048)
    return profile


def decode_receipt(data):
    receipt = {"stream": b"", "delivered": [], "read": []}
    for field, kind, value in read_fields(data):
        if field == 1 and kind == BYTES:
            receipt["stream"] = value
        elif field in (2, 3):
            if kind != VARINT:
                raise Refused("malformed")
            receipt["delivered" if field == 2 else "read"].append(value)
    check(len(receipt["stream"]) == 8)
    for runs in (receipt["delivered"], receipt["read"]):
        check(len(runs) % 2 == 0 and len(runs) <= 2 * MAX_RUNS)
        check(all(number <= MAX_U64 for number in runs))
        for i in range(0, len(runs), 2):
            check(runs[i + 1] > 0 and (i == 0 or runs[i] > runs[i - 2] + runs[i - 1]))
    return receipt


def decode_payload(data):
    """Bodies, receipts and the piece of the post-quantum ratchet, if there is one."""
    bodies, receipts, piece = [], [], None
    for field, kind, value in read_fields(data):
        if field == 1 and kind == BYTES:
            bodies.append(decode_body(value))
        elif field == 2 and kind == BYTES:
            receipts.append(decode_receipt(value))
        elif field == PIECE and kind == BYTES:
            piece = value
    check(len(bodies) <= MAX_BODIES and len(receipts) <= MAX_RECEIPTS)
    return bodies, receipts, piece


# Ids and order

def message_id(author, other, stream, number):
    """Author and other as their IKs."""
    return sha256(
        label("message/id") + prefixed(identity_id(author).encode()) + prefixed(conversation_id(author, other).encode())
        + prefixed(stream) + u64(number)
    )[:16]


def position(clock, identifier):
    return f"{clock:014x}-{identifier.hex()}"


# Sets of numbers as runs

def runs_of(numbers):
    runs = []
    for number in sorted(numbers):
        if runs and number == runs[-2] + runs[-1]:
            runs[-1] += 1
        else:
            runs += [number, 1]
    return runs[-2 * MAX_RUNS:]


def numbers_of(runs):
    for first, count in zip(runs[::2], runs[1::2]):
        yield from range(first, first + count)
