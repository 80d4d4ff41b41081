"""What somebody hostile would send: each valid up to the one thing that must be refused. Nothing of it advances the own state
for good, but for numbers of a chain that stay unused."""

import hello
from bundle import Bundle, encode_bundle
from card import encode_card, encode_link
from envelope import NONCE_BYTES, TAGGED, expiry_day, pad_to_size, prefix
from payload import PIECE, bytes_field, encode_body, encode_payload
from peer import DIRECT_OVERHEAD
from primitives import RANDOM, dh, dh_pair, seal
from ratchet import encode_header
from wire import DAY_MS, MAX_U64, u16, u32, u8

# x = 1: everybody's shared secret with it is zero.
LOW_ORDER = b"\x01" + bytes(31)
OTHER_KEY = b"\x09" + bytes(31)


# Direct envelopes

def direct(peer, contact, now, make_header=encode_header, pad_body=None, payload=None):
    session = peer.contact(contact).chosen()
    expires = expiry_day(now)
    message = session.encrypt(
        lambda tag: prefix(TAGGED, expires, tag),
        pad_body or (lambda body: pad_to_size(body, DIRECT_OVERHEAD)),
        encode_payload([], []) if payload is None else payload,
        make_header,
    )
    return (prefix(TAGGED, expires, message.tag) + message.nonce + message.header + message.body).hex()


def with_header(make_header):
    return lambda peer, contact, now: direct(peer, contact, now, make_header=make_header)


def with_payload(make_payload):
    return lambda peer, contact, now: direct(peer, contact, now, payload=make_payload(peer))


def empty_body(peer):
    return {"stream": peer.identity.stream, "number": 1, "clock": 1, "parents": [], "sentAt": 0}


def body_of(peer, **fields):
    return encode_body({**empty_body(peer), "text": "forged", **fields})


def without_content(peer):
    return encode_payload([encode_body(empty_body(peer))], [])


def receipt_of(runs):
    return lambda peer: encode_payload([], [{"stream": peer.identity.stream, "delivered": runs, "read": []}])


# Hellos: the content of a good one, changed before it is sealed

def invited(peer, contact, now, change=lambda content: content):
    one = peer.contact(contact)
    session = peer.session(one, now)
    opening = session.opening
    content = change(hello.seal_content(session, peer.certificate, encode_payload([], [])))
    one.hellos += 1
    envelope = hello.seal_invited(
        content, opening.epoch, opening.prekey, opening.invite, one.hellos - 1, expiry_day(now),
    )
    return envelope.hex()


def low_order_hello_key(peer, contact, now):
    """Everything is sealed as if the shared secret of zeros were one."""
    one = peer.contact(contact)
    good = bytes.fromhex(invited(peer, contact, now))
    opening = one.chosen().opening
    mask = hello.invite_mask(opening.invite, one.hellos - 1)
    head = good[:20] + hello.masked(u32(opening.epoch) + LOW_ORDER, mask)
    outer = hello.outer_key(bytes(32), opening.invite, LOW_ORDER)
    return (head + good[56:68] + seal(outer, good[56:68], bytes(len(good) - 84), head)).hex()


def unpadded_hello(peer, contact, now):
    """Zeros where the content should be."""
    one = peer.contact(contact)
    opening = peer.session(one, now).opening
    one.hellos += 1
    secret, ephemeral = dh_pair()
    tag = hello.invite_tag(opening.invite, one.hellos - 1)
    route = hello.masked(u32(opening.epoch) + ephemeral, hello.invite_mask(opening.invite, one.hellos - 1))
    head = prefix(TAGGED, expiry_day(now), tag) + route
    nonce = RANDOM.bytes(NONCE_BYTES)
    outer = hello.outer_key(dh(secret, opening.prekey), opening.invite, ephemeral)
    return (head + nonce + seal(outer, nonce, bytes(2048 - 84), head)).hex()


def at(offset, data):
    """Replaces bytes of a hello's content."""
    return lambda content: content[:offset] + data + content[offset + len(data):]


def with_content(change):
    return lambda peer, contact, now: invited(peer, contact, now, change=change)


def low_order_device_key(peer, contact, now):
    own, kept = peer.identity, peer.identity.ikd
    own.ikd = LOW_ORDER
    certificate = own.certificate(peer.prekeys.seq)
    own.ikd = kept
    return invited(peer, contact, now, change=at(2, certificate))


# Cards and bundles with a signature that holds

def full_card(peer, now, prekeys=None, kem_prekey=None):
    issued = peer.prekeys
    identity = peer.identity
    bundle = encode_bundle(
        identity, issued.seq, now - DAY_MS, now + 28 * DAY_MS, issued.first_epoch,
        prekeys or [LOW_ORDER] * 4, kem_prekey or issued.kem_public, b"",
    )
    return encode_link(encode_card(identity, now + 30 * DAY_MS, peer.name, [], None, bundle))


def unreduced_kem_key(peer, now):
    """Its first coefficient is 4095."""
    public = peer.prekeys.kem_public
    signed = Bundle(peer.prekeys.encoded).signed_prekeys
    return full_card(peer, now, signed, b"\xff" + u8(public[1] | 15) + public[2:])


EPHEMERAL_AT = 2 + 154 + 4 + 32
FLAGS_AT = EPHEMERAL_AT + 32 + 1088 + 8

FORGERIES = {
    "low-order-ratchet-key": with_header(lambda _, previous, number, epoch: encode_header(LOW_ORDER, previous, number, epoch)),
    "another-ratchet-key": with_header(lambda _, previous, number, epoch: encode_header(OTHER_KEY, previous, number, epoch)),
    "another-number": with_header(lambda key, previous, number, epoch: encode_header(key, previous, number + 1, epoch)),
    "far-previous": with_header(lambda key, _, number, epoch: encode_header(key, 1_000_000, number, epoch)),
    "header-flags": with_header(lambda key, previous, number, _: key + u32(previous) + u32(number) + u8(1) + u16(0)),
    "header-pq": with_header(lambda key, previous, number, _: key + u32(previous) + u32(number) + u8(0) + u16(1)),
    "epoch-in-chain": with_header(lambda key, previous, number, epoch: encode_header(key, previous, number, epoch + 1)),
    "epoch-of-nobody": with_header(lambda key, previous, number, _: encode_header(key, previous, number, 7)),
    "unknown-flag": with_header(lambda key, previous, number, _: key + u32(previous) + u32(number) + u8(2) + u16(0)),
    "piece-part": with_payload(lambda _: bytes_field(PIECE, u16(1) + u8(2) + u8(0) + bytes(32))),
    "piece-chunk": with_payload(lambda _: bytes_field(PIECE, u16(1) + u8(0) + u8(38) + bytes(32))),
    "piece-length": with_payload(lambda _: bytes_field(PIECE, u16(1) + u8(0) + u8(0) + bytes(31))),
    "piece-empty": with_payload(lambda _: bytes_field(PIECE, b"")),
    "offer-mac": with_payload(lambda peer: bytes_field(PIECE, u16(1) + u8(0) + u8(0) + peer.prekeys.kem_public + bytes(32))),
    "offer-of-later": with_payload(lambda peer: bytes_field(PIECE, u16(2) + u8(0) + u8(0) + bytes(38 * 32))),
    "answer-to-nothing": with_payload(lambda peer: bytes_field(PIECE, u16(1) + u8(1) + u8(0) + bytes(35 * 32))),
    "unpadded-body": lambda peer, contact, now: direct(
        peer, contact, now, pad_body=lambda _: bytes(512 - DIRECT_OVERHEAD),
    ),
    "no-protobuf": with_payload(lambda _: b"\xff" * 20),
    "too-many-bodies": with_payload(lambda peer: encode_payload([body_of(peer, number=n) for n in range(1, 130)], [])),
    "number-too-large": with_payload(lambda peer: encode_payload([body_of(peer, number=MAX_U64 + 1)], [])),
    "short-stream": with_payload(lambda peer: encode_payload([body_of(peer, stream=bytes(7))], [])),
    "too-many-parents": with_payload(lambda peer: encode_payload([body_of(peer, parents=[bytes(16)] * 9)], [])),
    "text-no-utf8": with_payload(lambda peer: encode_payload([body_of(peer).replace(b"forged", b"forg\xff\xfe")], [])),
    "name-no-utf8": with_payload(lambda peer: encode_payload([encode_body({
        **empty_body(peer), "profile": {"name": "forged", "addresses": [], "bundle": b""},
    }).replace(b"forged", b"forg\xff\xfe")], [])),
    "text-and-data": with_payload(lambda peer: encode_payload([body_of(peer, data=("a/b", b""))], [])),
    "unknown-kind": with_payload(without_content),
    "packed-runs": with_payload(lambda peer: bytes_field(2, bytes_field(1, peer.identity.stream) + bytes_field(2, b"\x01\x01"))),
    "odd-runs": with_payload(receipt_of([1, 1, 5])),
    "touching-runs": with_payload(receipt_of([1, 1, 2, 1])),
    "empty-run": with_payload(receipt_of([1, 0])),
    "low-order-hello-key": low_order_hello_key,
    "hello-unpadded": unpadded_hello,
    "low-order-ephemeral": with_content(at(EPHEMERAL_AT, LOW_ORDER)),
    "low-order-device-key": low_order_device_key,
    "hello-version": with_content(at(0, b"\x02")),
    "hello-certificate": with_content(at(2 + 154 - 1, b"\x00")),
    "hello-generation": with_content(at(2 + 154, u32(2**31 + 1))),
    "hello-bundle": with_content(at(2 + 154 + 4, bytes(32))),
    "hello-kem-prekey": with_content(at(FLAGS_AT - 8, bytes(8))),
    "hello-flags": with_content(at(FLAGS_AT, b"\x05")),
    "hello-with-pq": with_content(at(FLAGS_AT, b"\x03")),
    "hello-without-pq": with_content(at(FLAGS_AT, b"\x01")),
    "hello-tag": with_content(at(FLAGS_AT + 1, bytes(16))),
    "hello-short": with_content(lambda content: content[:EPHEMERAL_AT]),
    "low-order-prekeys": full_card,
    "unreduced-kem-key": unreduced_kem_key,
}
