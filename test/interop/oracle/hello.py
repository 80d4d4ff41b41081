"""PQXDH and the hellos of both lanes ("Handshake")."""

import pq
from bundle import kem_prekey_id
from envelope import (
    NONCE_BYTES, OPEN, SEALED_HEADER_BYTES, SEAL_BYTES, TAGGED, challenge_of, pad_to_size, prefix, search_proof, unpad,
)
from identity import Certificate
from primitives import (
    KEM_CIPHERTEXT_BYTES, RANDOM, Refused, ZERO_SALT, decapsulate, dh, dh_pair, encapsulate, hkdf, hmac_sha256,
    hmac_sha512, label, seal, sha256, unseal,
)
from ratchet import HeaderKey, Message, Session, create_steps
from wire import ED25519, ML_KEM, Reader, X25519, key, u32, u8

MAX_HELLOS = 64
MAX_GENERATION = 2**31
ROUTE_BYTES = 36


# PQXDH

def shared_secret(agreements, kem_secret):
    return hkdf(b"\xff" * 32 + b"".join(agreements) + kem_secret, ZERO_SALT, label("pqxdh"), 32)


def session_id(ephemeral, ciphertext):
    return sha256(label("session") + ephemeral + ciphertext)


def associated_data(a, b, kem_prekey, bundle_hash, has_pq):
    """`a` and `b` are initiator and recipient, each a pair of IKs and IKd."""
    keys = b"".join(key(ED25519, iks) + key(X25519, ikd) for iks, ikd in (a, b))
    return sha256(label("ad") + keys + key(ML_KEM, kem_prekey) + bundle_hash + (b"\x01" if has_pq else b""))


def first_keys(secret):
    """RK0, HK_A, HK_B."""
    derived = hkdf(secret, ZERO_SALT, label("dr/init"), 96)
    return derived[:32], derived[32:64], derived[64:]


class Opening:
    """What every hello of an initiated session repeats."""

    def __init__(self, bundle, epoch, prekey, ephemeral, ciphertext, one_time, invite):
        self.bundle_hash = bundle.hash
        self.kem_prekey_id = kem_prekey_id(bundle.kem_prekey)
        self.epoch = epoch
        self.prekey = prekey
        self.ephemeral = ephemeral
        self.ciphertext = ciphertext
        self.one_time = one_time
        self.invite = invite
        self.said = 0


def initiate(identity, bundle, invite, one_time_key, generation, now, capable):
    """`invite` is INV or nothing: the lane; `one_time_key` is OPK if it takes part; `capable` of the post-quantum ratchet."""
    epoch, prekey = bundle.prekey(now)
    secret, ephemeral = dh_pair()
    ciphertext, kem_secret = encapsulate(bundle.kem_prekey)
    agreements = [dh(identity.dh_secret, prekey), dh(secret, bundle.ikd), dh(secret, prekey)]
    if one_time_key:
        agreements.append(dh(secret, one_time_key))
    shared = shared_secret(agreements, kem_secret)
    root, header_a, header_b = first_keys(shared)
    has_pq = capable and pq.CAPABILITY in bundle.capabilities
    ad = associated_data(
        (identity.iks, identity.ikd), (bundle.iks, bundle.ikd), bundle.kem_prekey, bundle.hash, has_pq,
    )
    session = Session(session_id(ephemeral, ciphertext), ad, generation, True, now)
    session.incarnations = (identity.incarnation, bundle.incarnation)
    session.pq = pq.PostQuantum(True, shared, session.id, now) if has_pq else None
    session.steps, keys = create_steps(None, prekey, root)
    session.sending, session.next_sending = HeaderKey(header_a), HeaderKey(keys[0])
    session.next_receiving = HeaderKey(header_b)
    session.expect_next()
    session.opening = Opening(bundle, epoch, prekey, ephemeral, ciphertext, bool(one_time_key), invite)
    return session


def accept(identity, prekeys, prekey_secret, one_time_secret, content, now):
    """The recipient's session before its first message; every check but those of the message was made."""
    agreements = [
        dh(prekey_secret, content.certificate.ikd), dh(identity.dh_secret, content.ephemeral),
        dh(prekey_secret, content.ephemeral),
    ]
    if content.one_time:
        agreements.append(dh(one_time_secret, content.ephemeral))
    kem_secret = decapsulate(prekeys.kem_seed, content.ciphertext)
    shared = shared_secret(agreements, kem_secret)
    root, header_a, header_b = first_keys(shared)
    ad = associated_data(
        (content.certificate.iks, content.certificate.ikd), (identity.iks, identity.ikd), prekeys.kem_public,
        content.bundle_hash, content.has_pq,
    )
    session = Session(session_id(content.ephemeral, content.ciphertext), ad, content.generation, False, now)
    session.incarnations = (identity.incarnation, content.certificate.incarnation)
    session.pq = pq.PostQuantum(False, shared, session.id, now) if content.has_pq else None
    session.first = (prekey_secret, root)
    session.next_sending, session.next_receiving = HeaderKey(header_b), HeaderKey(header_a)
    session.expect_next()
    return session


# Hello content

def inner_prefix(sid):
    return label("hello/inner") + sid


def seal_content(session, certificate, payload):
    """One more message of the session, as a hello says it."""
    opening = session.opening
    message = session.encrypt(lambda _: inner_prefix(session.id), lambda body: body + b"\x80", payload)
    return (
        b"\x01\x01" + certificate + u32(session.generation) + opening.bundle_hash + opening.ephemeral
        + opening.ciphertext + opening.kem_prekey_id + u8((1 if opening.one_time else 0) | (2 if session.pq else 0))
        + message.tag + message.nonce + message.header + message.body
    )


class Content:
    def __init__(self, data):
        reader = Reader(data, "bad-content")
        if reader.take(2) != b"\x01\x01":
            reader.refuse()
        self.certificate = Certificate(reader.take(Certificate.BYTES), "bad-content")
        self.generation = reader.u32()
        if self.generation > MAX_GENERATION:
            reader.refuse()
        self.bundle_hash = reader.take(32)
        self.ephemeral = reader.take(32)
        self.ciphertext = reader.take(KEM_CIPHERTEXT_BYTES)
        self.kem_prekey_id = reader.take(8)
        flags = reader.u8()
        if flags > 3:
            reader.refuse()
        self.one_time, self.has_pq = bool(flags & 1), bool(flags & 2)
        tag, nonce, header = reader.take(16), reader.take(NONCE_BYTES), reader.take(SEALED_HEADER_BYTES)
        self.message = Message(tag, nonce, header, reader.rest())
        self.sid = session_id(self.ephemeral, self.ciphertext)


# Outer seal

def invite_tag(invite, count):
    return hmac_sha256(invite, label("invite/tag") + u32(count))[:16]


def invite_mask(invite, count):
    return hmac_sha512(invite, label("invite/mask") + u32(count))[:ROUTE_BYTES]


def masked(route, mask):
    return bytes(a ^ b for a, b in zip(route, mask))


def outer_key(shared, invite, ephemeral):
    return hkdf(shared + (invite or bytes(32)), ZERO_SALT, label("hello/key") + ephemeral, 32)


def seal_invited(content, epoch, prekey, invite, count, expires):
    secret, ephemeral = dh_pair()
    head = prefix(TAGGED, expires, invite_tag(invite, count)) + masked(u32(epoch) + ephemeral, invite_mask(invite, count))
    nonce = RANDOM.bytes(NONCE_BYTES)
    padded = pad_to_size(content, len(head) + NONCE_BYTES + SEAL_BYTES)
    return head + nonce + seal(outer_key(dh(secret, prekey), invite, ephemeral), nonce, padded, head)


def open_invited(envelope, invite, count, signed_prekey):
    """Encoded content and the signed prekey's secret; `signed_prekey` finds it by epoch."""
    route = masked(envelope[20:56], invite_mask(invite, count))
    secret = signed_prekey(int.from_bytes(route[:4], "big"))
    if secret is None:
        raise Refused("unknown-epoch")
    outer = outer_key(dh(secret, route[4:], "not-for-us"), invite, route[4:])
    padded = unseal(outer, envelope[56:68], envelope[68:], envelope[:56], "bad-seal")
    return unpad(padded, "bad-content"), secret


def seal_open(content, epoch, prekey, expires):
    secret, ephemeral = dh_pair()
    shared = dh(secret, prekey)
    tag = hmac_sha256(shared, label("hello/view") + ephemeral)[:16]
    head = prefix(OPEN, expires, tag) + u32(epoch) + ephemeral
    nonce = RANDOM.bytes(NONCE_BYTES)
    padded = pad_to_size(content, len(head) + 8 + NONCE_BYTES + SEAL_BYTES)
    sealed = nonce + seal(outer_key(shared, None, ephemeral), nonce, padded, head)
    proof = search_proof(challenge_of(head + bytes(8) + sealed))
    return head + proof + sealed


def open_open(envelope, signed_prekey):
    ephemeral = envelope[24:56]
    secret = signed_prekey(int.from_bytes(envelope[20:24], "big"))
    if secret is None:
        raise Refused("unknown-epoch")
    shared = dh(secret, ephemeral, "not-for-us")
    if envelope[4:20] != hmac_sha256(shared, label("hello/view") + ephemeral)[:16]:
        raise Refused("not-for-us")
    padded = unseal(outer_key(shared, None, ephemeral), envelope[64:76], envelope[76:], envelope[:56], "bad-seal")
    return unpad(padded, "bad-content"), secret
