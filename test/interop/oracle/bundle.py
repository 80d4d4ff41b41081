"""Bundles, their records and requests ("Prekeys"), both as their owner and as their reader."""

from primitives import (
    RANDOM, Refused, ZERO_SALT, dh_pair, dh_public, hkdf, kem_pair, kem_public, label, seal, sha256, sign,
    signature_holds, unseal,
)
from wire import DAY_MS, ED25519, ML_KEM, Reader, X25519, epoch, key, prefixed, u32, u64, u8

EPOCHS = 4
MAX_BUNDLE_BYTES = 2_048
LIFETIME = 28 * DAY_MS
RETENTION = 60 * DAY_MS
MAX_WANTS, MAX_OFFERS, MAX_RECORDS, MAX_BODY = 16, 4, 16, 2_076


def kem_prekey_id(public):
    return sha256(label("kem-prekey/id") + public)[:8]


class Prekeys:
    """The own bundle with its secrets: issued once, which is as much as a run of the oracle needs."""

    def __init__(self, identity, seq, now, first_epoch, epoch_secrets, kem_seed, capabilities):
        self.identity = identity
        self.seq = seq
        self.first_epoch = first_epoch
        self.epoch_secrets = epoch_secrets
        self.kem_seed = kem_seed
        self.kem_public = kem_public(kem_seed)
        self.encoded = encode_bundle(
            identity, seq, max(0, now - DAY_MS), now + LIFETIME, first_epoch,
            [dh_public(secret) for secret in epoch_secrets], self.kem_public, capabilities,
        )
        self.hash = sha256(self.encoded)

    @classmethod
    def issue(cls, identity, now, capabilities):
        secrets = [dh_pair()[0] for _ in range(EPOCHS)]
        return cls(identity, max(1, now // 1000), now, epoch(now), secrets, kem_pair()[0], capabilities)

    def signed_prekey(self, wanted):
        index = wanted - self.first_epoch
        return self.epoch_secrets[index] if 0 <= index < EPOCHS else None


def encode_bundle(identity, seq, not_before, not_after, first_epoch, signed_prekeys, kem_prekey, capabilities):
    body = (
        b"\x01\x01" + key(ED25519, identity.iks) + key(X25519, identity.ikd) + identity.incarnation + u64(seq)
        + u64(not_before) + u64(not_after) + u32(first_epoch)
        + b"".join(key(X25519, public) for public in signed_prekeys) + key(ML_KEM, kem_prekey)
        + prefixed(capabilities)
    )
    return body + sign(identity.signing_secret, label("bundle") + body)


class Bundle:
    """Somebody's bundle, read and verified."""

    def __init__(self, encoded):
        if len(encoded) > MAX_BUNDLE_BYTES:
            raise Refused("malformed")
        reader = Reader(encoded)
        if reader.take(2) != b"\x01\x01":
            raise Refused("unsupported")
        self.encoded = encoded
        self.hash = sha256(encoded)
        self.iks = reader.key(ED25519)
        self.ikd = reader.key(X25519)
        self.incarnation = reader.take(16)
        self.seq = reader.u64()
        self.not_before = reader.u64()
        self.not_after = reader.u64()
        if self.not_after <= self.not_before:
            reader.refuse()
        self.first_epoch = reader.u32()
        self.signed_prekeys = [reader.key(X25519) for _ in range(EPOCHS)]
        self.kem_prekey = reader.key(ML_KEM)
        self.capabilities = reader.prefixed()
        signature = reader.take(64)
        reader.end()
        if not signature_holds(self.iks, label("bundle") + encoded[:-64], signature):
            raise Refused("bad-signature")

    def prekey(self, now):
        """Epoch and key of epoch(now), or the nearest."""
        chosen = min(max(epoch(now), self.first_epoch), self.first_epoch + EPOCHS - 1)
        return chosen, self.signed_prekeys[chosen - self.first_epoch]

    def expired(self, now):
        return now > self.not_after + DAY_MS


# Records

def record_id(iks, week):
    return hkdf(iks, ZERO_SALT, label("bundle/id") + u32(week), 32)


def record_key(iks, week):
    return hkdf(iks, ZERO_SALT, label("bundle/key") + u32(week), 32)


def seal_record(iks, week, encoded):
    """Id and body."""
    name, nonce = record_id(iks, week), RANDOM.bytes(12)
    return name, nonce + seal(record_key(iks, week), nonce, encoded, name)


def open_record(iks, week, body):
    plain = unseal(record_key(iks, week), body[:12], body[12:], record_id(iks, week), "bad-record")
    bundle = Bundle(plain)
    if bundle.iks != iks:
        raise Refused("bad-record")
    return bundle


def encode_records(records):
    return u8(len(records)) + b"".join(name + prefixed(body) for name, body in records)


def read_records(reader, most):
    count = reader.u8()
    if count > most:
        reader.refuse()
    records = []
    for _ in range(count):
        name, body = reader.take(32), reader.prefixed()
        if len(body) > MAX_BODY:
            reader.refuse()
        records.append((name, body))
    return records


def encode_request(wanted, offered):
    return b"\x01" + u8(len(wanted)) + b"".join(wanted) + encode_records(offered)


def decode_request(data):
    """Wanted ids and offered records."""
    reader = Reader(data)
    if reader.u8() != 1:
        reader.refuse()
    count = reader.u8()
    if count > MAX_WANTS:
        reader.refuse()
    wanted = [reader.take(32) for _ in range(count)]
    offered = read_records(reader, MAX_OFFERS)
    reader.end()
    return wanted, offered


def encode_response(records):
    return b"\x01" + encode_records(records)


def decode_response(data):
    reader = Reader(data)
    if reader.u8() != 1:
        reader.refuse()
    records = read_records(reader, MAX_RECORDS)
    reader.end()
    return records
