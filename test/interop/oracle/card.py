"""Contact cards and their links ("Contact card")."""

import base64
import re

from bundle import Bundle
from primitives import Refused, label, sign, signature_holds
from wire import DAY_MS, ED25519, Reader, X25519, key, prefixed, u32, u8

HAS_INVITE, HAS_BUNDLE = 1, 2
MAX_CARD_BYTES, MAX_NAME_BYTES, MAX_ADDRESSES, MAX_ADDRESS_BYTES = 4_096, 64, 8, 160


def encode_card(identity, not_after, name, addresses, invite=None, bundle=None):
    """`not_after` in ms; `invite` is a pair of INV and the public one-time key."""
    flags = (HAS_INVITE if invite else 0) | (HAS_BUNDLE if bundle else 0)
    body = b"\x01\x01" + u8(flags) + key(ED25519, identity.iks) + key(X25519, identity.ikd) + u32(not_after // 1000)
    if invite:
        body += invite[0] + key(X25519, invite[1])
    body += prefixed(name.encode()) + u8(len(addresses)) + b"".join(prefixed(a.encode()) for a in addresses)
    if bundle:
        body += prefixed(bundle)
    return body + sign(identity.signing_secret, label("card") + body)


class Card:
    def __init__(self, data):
        if len(data) > MAX_CARD_BYTES:
            raise Refused("malformed")
        reader = Reader(data)
        if reader.take(2) != b"\x01\x01":
            raise Refused("unsupported")
        flags = reader.u8()
        if flags & ~(HAS_INVITE | HAS_BUNDLE):
            raise Refused("unsupported")
        self.iks = reader.key(ED25519)
        self.ikd = reader.key(X25519)
        self.not_after = reader.u32() * 1000
        self.invite = (reader.take(32), reader.key(X25519)) if flags & HAS_INVITE else None
        self.name = self.bounded(reader, MAX_NAME_BYTES)
        count = reader.u8()
        if count > MAX_ADDRESSES:
            reader.refuse()
        self.addresses = [self.bounded(reader, MAX_ADDRESS_BYTES) for _ in range(count)]
        encoded = reader.prefixed() if flags & HAS_BUNDLE else None
        signature = reader.take(64)
        reader.end()
        if not signature_holds(self.iks, label("card") + data[:-64], signature):
            raise Refused("bad-signature")
        self.bundle = None if encoded is None else Bundle(encoded)
        if self.bundle and (self.bundle.iks, self.bundle.ikd) != (self.iks, self.ikd):
            raise Refused("malformed")

    @staticmethod
    def bounded(reader, most):
        text = reader.text()
        if len(text.encode()) > most:
            reader.refuse()
        return text

    def expired(self, now):
        return now > self.not_after + DAY_MS


def encode_link(card):
    return "hallig:" + base64.urlsafe_b64encode(card).decode("ascii").rstrip("=")


def decode_link(link):
    text = re.sub(r"\s", "", link)
    if text[:7].lower() != "hallig:" or not re.fullmatch(r"[A-Za-z0-9_-]*", text[7:]):
        raise Refused("malformed")
    digits = text[7:]
    if len(digits) % 4 == 1:
        raise Refused("malformed")
    data = base64.urlsafe_b64decode(digits + "=" * (-len(digits) % 4))
    if encode_link(data)[7:] != digits:
        raise Refused("malformed")
    return Card(data)
