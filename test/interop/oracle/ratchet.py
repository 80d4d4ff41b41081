"""The Double Ratchet with header encryption ("Double Ratchet").

Chains, root steps and skipped keys are those of python3-doubleratchet, another author's implementation of Signal's
specification; this file gives it the key derivations and labels of docs/protocol.md and lays the header keys and tags around it.
That library makes the sending chain on receipt, docs/protocol.md at the next sending: on the wire it is the same."""

import copy

from doubleratchet import KDF, DiffieHellmanRatchet, DoSProtectionException, Header
from doubleratchet.recommended import HashFunction, kdf_separate_hmacs

from envelope import NONCE_BYTES
from primitives import (
    RANDOM, Refused, ZERO_SALT, dh, dh_public, expand, hkdf, hmac_sha512, label, seal, sha256, unseal,
)
from wire import Reader, u16, u32, u8

MAX_SKIPPED = 2_000
NEW_WINDOW, GROWN_WINDOW, MAX_WINDOW = 64, 256, 2_000
# First the next chain key, HMAC(CK, 02), then the message key, HMAC(CK, 01): as the library wants them.
CHAIN_CONSTANT = b"\x02\x01"


class RootKdf(KDF):
    """RK′ ‖ CK for the library; NHK, of which it knows nothing, is put aside."""

    header_keys = []

    @classmethod
    async def derive(cls, key, data, length):
        if length != 64:
            raise ValueError("root key and chain key are 64 bytes")
        derived = hkdf(data, key, label("dr/root"), 96)
        cls.header_keys.append(derived[64:])
        return derived[:64]


class ChainKdf(kdf_separate_hmacs.KDF):
    @staticmethod
    def _get_hash_function():
        return HashFunction.SHA_256


class Steps(DiffieHellmanRatchet):
    @staticmethod
    def _generate_priv():
        return RANDOM.bytes(32)

    @staticmethod
    def _derive_pub(priv):
        return dh_public(priv)

    @staticmethod
    def _perform_diffie_hellman(own_priv, other_pub):
        return dh(own_priv, other_pub, "bad-ratchet-key")


def finish(coroutine):
    """The library is asynchronous, but waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise RuntimeError("the library waits for something")


def create_steps(own_secret, other_public, root_key):
    """The library's part of a session and the header keys that fell out of its root steps."""
    RootKdf.header_keys.clear()
    steps = finish(Steps.create(
        own_secret, other_public, RootKdf, root_key, ChainKdf, CHAIN_CONSTANT, MAX_SKIPPED,
    ))
    return steps, list(RootKdf.header_keys)


class HeaderKey:
    """The two keys derived from a header key, and the tags of its chain."""

    def __init__(self, raw):
        self.header = expand(raw, label("dr/header"), 32)
        self.tags = expand(raw, label("dr/tag"), 32)

    def tag(self, number):
        block = hmac_sha512(self.tags, u32(number // 4))
        at = 16 * (number % 4)
        return sha256(label("tag") + block[at:at + 16])[:16]


def encode_header(public, previous, number, epoch):
    return public + u32(previous) + u32(number) + u8(1 if epoch else 0) + u16(epoch)


def decode_header(data):
    """The library's header, and the epoch of the post-quantum ratchet."""
    reader = Reader(data, "bad-header")
    header = Header(reader.take(32), reader.u32(), reader.u32())
    flags, epoch = reader.u8(), reader.u16()
    if flags != (1 if epoch else 0):
        reader.refuse()
    reader.end()
    return header, epoch


class Message:
    """A sealed message and what surrounds it."""

    def __init__(self, tag, nonce, header, body):
        self.tag = tag
        self.nonce = nonce
        self.header = header
        self.body = body


class Session:
    def __init__(self, sid, associated_data, generation, initiated, began):
        self.id = sid
        self.ad = associated_data
        self.generation = generation
        self.initiated = initiated
        self.began = began
        self.answered = not initiated
        self.incarnations = None
        self.opening = None
        # Ratchet state. `first` is what the recipient needs for its first step: the signed prekey's secret and RK0.
        self.steps = None
        self.first = None
        self.remote = None
        self.sending = self.next_sending = self.receiving = self.next_receiving = None
        # The post-quantum ratchet, if the session has it; epoch and key of the two chains.
        self.pq = None
        self.sending_epoch = self.receiving_epoch = 0
        self.sending_salt = self.receiving_salt = ZERO_SALT
        self.window = NEW_WINDOW
        # Message keys by tag.
        self.skipped = {}
        self.expected = {}
        self.listed = 0

    # Sending

    def encrypt(self, make_prefix, pad_body, payload, make_header=encode_header):
        """`make_prefix` makes the associated data from the tag."""
        key, header = finish(self.steps.next_encryption_key())
        if header.sending_chain_length == 0 and self.pq:
            self.sending_epoch, self.sending_salt = self.pq.agreed.epoch, self.pq.agreed.key
        tag = self.sending.tag(header.sending_chain_length)
        prefix = make_prefix(tag)
        nonce = RANDOM.bytes(NONCE_BYTES)
        plain = make_header(
            header.ratchet_pub, header.previous_sending_chain_length, header.sending_chain_length, self.sending_epoch,
        )
        sealed_header = seal(self.sending.header, nonce, plain, prefix)
        body = seal(self.message_key(key, self.sending_salt), nonce, pad_body(payload), prefix + sealed_header + self.ad)
        return Message(tag, nonce, sealed_header, body)

    def message_key(self, key, salt):
        return hkdf(key, salt, label("dr/message") + self.id, 32)

    # Receiving

    def expect(self):
        """List the tags of the windows."""
        received = 0 if self.receiving is None else self.steps.receiving_chain_length
        if self.receiving is not None:
            for number in range(max(self.listed, received), received + self.window):
                self.expected[self.receiving.tag(number)] = ("current", number)
            self.listed = max(self.listed, received + self.window)

    def expect_next(self):
        self.expected = {self.next_receiving.tag(number): ("next", number) for number in range(NEW_WINDOW)}
        self.listed = 0

    def knows(self, tag):
        return tag in self.skipped or tag in self.expected

    def decrypt(self, message, prefix, welcome):
        """The body, padded. Nothing changes unless it opens and `welcome`, which may refuse it, has seen it."""
        if message.tag in self.skipped:
            body = self.open(self.skipped[message.tag], message, prefix)
            welcome(body)
            del self.skipped[message.tag]
            return body
        if message.tag not in self.expected:
            raise Refused("not-expected")
        chain, number = self.expected[message.tag]
        key = self.receiving if chain == "current" else self.next_receiving
        header, epoch = decode_header(unseal(key.header, message.nonce, message.header, prefix, "bad-header"))
        if header.sending_chain_length != number or (chain == "current" and header.ratchet_pub != self.remote):
            raise Refused("bad-header")
        salt = self.salt(chain, epoch)
        steps, keys, mk, skipped = self.advance(chain, header)
        if len(self.skipped) + len(skipped) > MAX_SKIPPED:
            for tag in list(self.skipped)[:len(self.skipped) // 2]:
                del self.skipped[tag]
            raise Refused("too-many-skipped")
        body = self.open(self.message_key(mk, salt), message, prefix)
        welcome(body)
        self.commit(chain, header, epoch, salt, steps, keys, skipped, message.tag)
        return body

    def salt(self, chain, epoch):
        """The key of a chain's epoch, if that may be the chain's."""
        if chain == "current" and epoch == self.receiving_epoch:
            return self.receiving_salt
        if chain == "next" and epoch >= max(self.receiving_epoch, self.sending_epoch):
            if epoch == self.receiving_epoch:
                return self.receiving_salt
            if epoch == self.sending_epoch:
                return self.sending_salt
            key = self.pq and self.pq.key_of(epoch)
            if key:
                return key
        raise Refused("bad-pq-epoch")

    def advance(self, chain, header):
        """On a copy: the library's state, new header keys, the message key, skipped keys."""
        if self.steps is None:
            steps, keys = create_steps(self.first[0], header.ratchet_pub, self.first[1])
        else:
            steps, keys = copy.deepcopy(self.steps), []
            received = steps.receiving_chain_length or 0
            if chain == "next" and self.receiving is not None \
                    and header.previous_sending_chain_length - received > MAX_SKIPPED:
                raise Refused("too-far-ahead")
        RootKdf.header_keys.clear()
        try:
            mk, skipped = finish(steps.next_decryption_key(header))
        except DoSProtectionException:
            raise Refused("too-far-ahead") from None
        return steps, keys or list(RootKdf.header_keys), mk, skipped

    def open(self, key, message, prefix):
        return unseal(key, message.nonce, message.body, prefix + message.header + self.ad, "bad-body")

    def commit(self, chain, header, epoch, salt, steps, keys, skipped, used):
        kept = {}
        for (public, number), key in skipped.items():
            old = public == self.remote
            tags, of = (self.receiving, self.receiving_salt) if old else (self.next_receiving, salt)
            kept[tags.tag(number)] = self.message_key(key, of)
        self.skipped.update(kept)
        number = header.sending_chain_length
        ahead = number if chain == "next" else number - self.steps.receiving_chain_length
        self.steps = steps
        if chain == "next":
            self.remote = header.ratchet_pub
            self.receiving_epoch, self.receiving_salt = epoch, salt
            if self.pq:
                self.pq.chain_begun(epoch)
            self.receiving, self.next_receiving = self.next_receiving, HeaderKey(keys[0])
            self.sending, self.next_sending = self.next_sending, HeaderKey(keys[1])
            self.window = NEW_WINDOW
            self.expect_next()
        if 2 * ahead >= self.window:
            self.window = min(2 * self.window, MAX_WINDOW)
        elif self.window < GROWN_WINDOW and 2 * number >= self.window:
            self.window *= 2
        for tag in [used, *kept]:
            self.expected.pop(tag, None)
        self.expect()

