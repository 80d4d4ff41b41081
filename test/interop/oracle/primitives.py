"""The primitives of docs/protocol.md, from libraries the code under test does not use: python3-cryptography (OpenSSL),
python3-nacl (libsodium) for the points of Ed25519, and libsodium in a node child for ML-KEM-768."""

import hashlib
import hmac
import subprocess
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from nacl.bindings import crypto_core_ed25519_is_valid_point

ZERO_SALT = bytes(32)


class Refused(Exception):
    """What somebody else sent does not hold; `reason` is one word of the section "Rejections", or says more."""

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


def label(name):
    return b"hallig/1/" + name.encode("ascii")


def sha256(data):
    return hashlib.sha256(data).digest()


def sha512(data):
    return hashlib.sha512(data).digest()


def hmac_sha256(key, data):
    return hmac.digest(key, data, "sha256")


def hmac_sha512(key, data):
    return hmac.digest(key, data, "sha512")


def hkdf(ikm, salt, info, length):
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(ikm)


def expand(prk, info, length):
    return HKDFExpand(algorithm=SHA256(), length=length, info=info).derive(prk)


class Randomness:
    """Reproducible bytes: SHA-256 of a seed and a counter. Scripted bytes, if there are, come first and must fit."""

    def __init__(self):
        self.seed = b""
        self.count = 0
        self.script = []

    def bytes(self, length):
        if self.script:
            scripted = self.script.pop(0)
            if len(scripted) != length:
                raise ValueError(f"{length} random bytes asked for, {len(scripted)} given")
            return scripted
        out = b""
        while len(out) < length:
            out += sha256(self.seed + self.count.to_bytes(8, "big"))
            self.count += 1
        return out[:length]


RANDOM = Randomness()


# X25519

def dh_public(secret):
    key = X25519PrivateKey.from_private_bytes(secret)
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def dh_pair():
    secret = RANDOM.bytes(32)
    return secret, dh_public(secret)


def dh(secret, public, reason="bad-key"):
    """Refuses an all-zero result, of which OpenSSL makes an error of its own."""
    try:
        shared = X25519PrivateKey.from_private_bytes(secret).exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:
        raise Refused(reason) from None
    if shared == bytes(32):
        raise Refused(reason)
    return shared


# Ed25519

NEUTRAL = b"\x01" + bytes(31)


def sign_public(secret):
    key = Ed25519PrivateKey.from_private_bytes(secret)
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def sign(secret, message):
    return Ed25519PrivateKey.from_private_bytes(secret).sign(message)


def signature_holds(public, message, signature):
    """Strict: a canonical key of prime order (libsodium), R not neutral, S < L and the equation without cofactor (OpenSSL)."""
    if len(signature) != 64 or signature[:32] == NEUTRAL:
        return False
    if not crypto_core_ed25519_is_valid_point(public):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


# AEAD

def seal(key, nonce, plaintext, ad):
    return ChaCha20Poly1305(key).encrypt(nonce, plaintext, ad)


def unseal(key, nonce, ciphertext, ad, reason):
    try:
        return ChaCha20Poly1305(key).decrypt(nonce, ciphertext, ad)
    except InvalidTag:
        raise Refused(reason) from None


# ML-KEM-768

class Kem:
    """The node child, started when it is first asked."""

    def __init__(self):
        self.node = "node"
        self.child = None

    def ask(self, *words):
        if self.child is None:
            self.child = subprocess.Popen(
                [self.node, str(Path(__file__).parent / "kem.mjs")],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
            )
        self.child.stdin.write(" ".join(w if isinstance(w, str) else w.hex() for w in words) + "\n")
        answer = self.child.stdout.readline().strip()
        if answer == "failed":
            raise Refused("bad-key")
        if answer == "":
            raise RuntimeError("The child for ML-KEM-768 ended: is libsodium-wrappers-sumo installed (npm ci)?")
        return [bytes.fromhex(word) for word in answer.split(" ")]

    def close(self):
        if self.child is not None:
            self.child.stdin.close()
            self.child.wait()


KEM = Kem()
KEM_PUBLIC_BYTES = 1184
KEM_CIPHERTEXT_BYTES = 1088
FIELD = 3329


def kem_public(seed):
    return KEM.ask("keypair", seed)[0]


def kem_pair():
    seed = RANDOM.bytes(64)
    return seed, kem_public(seed)


def check_kem_public(public):
    """FIPS 203 §7.2: every coefficient, of 12 bits each, is below the modulus."""
    for at in range(0, KEM_PUBLIC_BYTES - 32, 3):
        a, b, c = public[at:at + 3]
        if a | (b & 15) << 8 >= FIELD or b >> 4 | c << 4 >= FIELD:
            raise Refused("bad-key")


def encapsulate(public):
    """Ciphertext and shared secret."""
    check_kem_public(public)
    return KEM.ask("encapsulate", public, RANDOM.bytes(32))


def decapsulate(seed, ciphertext):
    secret = KEM.ask("keypair", seed)[1]
    return KEM.ask("decapsulate", secret, ciphertext)[0]
