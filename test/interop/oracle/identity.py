"""Identities, their ids, certificates and safety numbers ("Identity")."""

import base64

from primitives import Refused, dh_pair, dh_public, RANDOM, label, sha256, sha512, sign, sign_public, signature_holds
from wire import ED25519, Reader, X25519, key, u64


class Identity:
    """The own one, with secrets."""

    def __init__(self, signing_secret, dh_secret, incarnation):
        self.signing_secret = signing_secret
        self.iks = sign_public(signing_secret)
        self.dh_secret = dh_secret
        self.ikd = dh_public(dh_secret)
        self.incarnation = incarnation

    @classmethod
    def generate(cls):
        return cls(RANDOM.bytes(32), dh_pair()[0], RANDOM.bytes(16))

    @property
    def stream(self):
        return self.incarnation[:8]

    def certificate(self, seq):
        body = key(ED25519, self.iks) + key(X25519, self.ikd) + self.incarnation + u64(seq)
        return body + sign(self.signing_secret, label("certificate") + body)


class Certificate:
    BYTES = 154

    def __init__(self, data, reason):
        reader = Reader(data, reason)
        self.iks = reader.key(ED25519)
        self.ikd = reader.key(X25519)
        self.incarnation = reader.take(16)
        self.seq = reader.u64()
        signature = reader.take(64)
        reader.end()
        if not signature_holds(self.iks, label("certificate") + data[:-64], signature):
            raise Refused(reason)


def base32(data):
    return base64.b32encode(data).decode("ascii").lower().rstrip("=")


def identity_id(iks):
    return base32(sha256(label("identity") + iks)[:20])


def fingerprint(iks, ikd):
    return sha256(label("fingerprint") + key(ED25519, iks) + key(X25519, ikd))


def conversation_id(one, other):
    return base32(sha256(label("conversation") + min(one, other) + max(one, other))[:20])


def safety_number(one, other):
    """Of two fingerprints."""
    digest = sha512(label("safety-number") + min(one, other) + max(one, other))
    groups = [int.from_bytes(digest[5 * i:5 * i + 5], "big") % 100_000 for i in range(12)]
    return " ".join(f"{group:05d}" for group in groups)
