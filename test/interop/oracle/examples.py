"""The worked examples of docs/protocol.md, computed from their inputs by this implementation."""

import re

import hello
import pq
from bundle import Bundle, Prekeys, encode_request, kem_prekey_id, seal_record
from card import encode_card, encode_link
from envelope import challenge_of, encode_beacon, encode_parcel, expiry_day, network_tag
from identity import Identity, conversation_id, fingerprint, identity_id, safety_number
from payload import encode_body, encode_payload, message_id, position
from peer import seal_direct
from primitives import RANDOM, dh, dh_public, encapsulate, hkdf, hmac_sha256, kem_public, label, sha256
from ratchet import HeaderKey
from wire import DAY_MS, epoch

NOW = 1_750_075_200_000


def parse(markdown):
    """Name and value of everything in ```example blocks; a value goes on in indented lines."""
    values = {}
    for block in re.findall(r"^```example\n(.*?)^```$", markdown, re.DOTALL | re.MULTILINE):
        last = None
        for line in block.splitlines():
            match = re.fullmatch(r"([a-z0-9.-]+) += (.*)", line)
            if match:
                last, values[match[1]] = match[1], match[2].strip()
            elif line.startswith(" ") and last:
                values[last] += line.strip()
    return values


class Examples:
    def __init__(self, documented):
        self.documented = documented
        self.used = set()
        self.differences = []

    def given(self, name):
        self.used.add(name)
        return bytes.fromhex(self.documented[name])

    def shows(self, name, value):
        self.used.add(name)
        text = value.hex() if isinstance(value, bytes) else str(value)
        if self.documented.get(name) != text:
            self.differences.append(f"{name}: computed {text}, documented {self.documented.get(name)}")

    def scripted(self, *names):
        RANDOM.script = [self.given(name) for name in names]

    def run(self):
        self.identities()
        self.bundle()
        self.card()
        self.handshake()
        self.epoch()
        self.tags()
        self.messages()
        self.open_hello()
        self.beacon()
        unused = sorted(set(self.documented) - self.used)
        return {"compared": len(self.used), "differences": self.differences, "unused": unused}

    def identities(self):
        self.alice, self.bob = (
            Identity(*(self.given(f"{name}.{part}") for part in ("signing.secret", "dh.secret", "incarnation")))
            for name in ("alice", "bob")
        )
        for name, one in (("alice", self.alice), ("bob", self.bob)):
            self.shows(f"{name}.signing.public", one.iks)
            self.shows(f"{name}.dh.public", one.ikd)
            self.shows(f"{name}.id", identity_id(one.iks))
            self.shows(f"{name}.fingerprint", fingerprint(one.iks, one.ikd))
        self.shows("safety-number", safety_number(*(fingerprint(one.iks, one.ikd) for one in (self.alice, self.bob))))
        self.shows("conversation.id", conversation_id(self.alice.iks, self.bob.iks))
        self.shows("alice.certificate", self.alice.certificate(1))

    def bundle(self):
        secrets = [self.given(f"bob.prekey{i}.secret") for i in range(4)]
        self.prekeys = Prekeys(self.bob, 1, NOW, epoch(NOW), secrets, self.given("bob.kem.secret"), b"\x01")
        encoded = self.prekeys.encoded
        self.read = Bundle(encoded)
        self.shows("bob.prekey0.public", self.read.signed_prekeys[0])
        self.shows("bob.kem.public.sha256", sha256(self.read.kem_prekey))
        self.shows("bob.kem.id", kem_prekey_id(self.read.kem_prekey))
        self.shows("bundle.length", len(encoded))
        self.shows("bundle.head", encoded[:encoded.index(b"\x02" + self.read.signed_prekeys[0])])
        self.shows("bundle.signature", encoded[-64:])
        self.shows("bundle.hash", self.read.hash)
        self.scripted("record.nonce")
        name, body = seal_record(self.bob.iks, epoch(NOW), encoded)
        self.shows("record.id", name)
        self.shows("record.body.sha256", sha256(body))
        self.shows("request", encode_request([name], []))

    def card(self):
        self.invite, secret = self.given("invite.secret"), self.given("invite.key.secret")
        self.one_time = dh_public(secret)
        card = encode_card(
            self.bob, NOW + 30 * DAY_MS, "Bob", ["/ip4/192.168.1.5/tcp/4001"], (self.invite, self.one_time),
        )
        self.shows("invite.key.public", self.one_time)
        self.shows("card", card)
        self.shows("card.link", encode_link(card))

    def handshake(self):
        self.scripted("ephemeral.secret", "kem.randomness", "ratchet.secret")
        self.session = hello.initiate(self.alice, self.read, self.invite, self.one_time, 1, NOW, True)
        opening = self.session.opening
        self.shows("ephemeral.public", opening.ephemeral)
        self.shows("kem.ciphertext.sha256", sha256(opening.ciphertext))
        self.shows("session.id", self.session.id)
        self.shows("session.ad", self.session.ad)
        # The values in between, step by step.
        ephemeral, ratchet = self.given("ephemeral.secret"), self.given("ratchet.secret")
        prekey = self.read.signed_prekeys[0]
        pairs = (
            (self.alice.dh_secret, prekey), (ephemeral, self.bob.ikd), (ephemeral, prekey), (ephemeral, self.one_time),
        )
        agreements = [dh(secret, public) for secret, public in pairs]
        for index, agreement in enumerate(agreements):
            self.shows(f"dh{index + 1}", agreement)
        self.scripted("kem.randomness")
        kem_shared = encapsulate(self.read.kem_prekey)[1]
        self.shows("kem.shared", kem_shared)
        secret = hello.shared_secret(agreements, kem_shared)
        self.shows("sk", secret)
        root, header_a, header_b = hello.first_keys(secret)
        self.shows("root.0", root)
        self.shows("ratchet.public", dh_public(ratchet))
        step = hkdf(dh(ratchet, prekey), root, label("dr/root"), 96)
        self.shows("root.1", step[:32])
        self.shows("chain.0", step[32:64])
        self.secret, self.chain_key = secret, step[32:64]
        for name, key in (("0", HeaderKey(header_a)), ("next-receiving", HeaderKey(header_b))):
            self.shows(f"header-key.{name}", key.header)
            self.shows(f"tag-key.{name}", key.tags)

    def epoch(self):
        sid = self.session.id
        chain, mac_key = pq.first_authenticator(self.secret, sid)
        self.shows("pq.chain.0", chain)
        self.shows("pq.mac.0", mac_key)
        public = kem_public(self.given("pq.kem.secret"))
        offer = pq.offer_of(mac_key, 1, public)
        self.shows("pq.public.sha256", sha256(public))
        self.shows("pq.offer.mac", offer[-32:])
        self.shows("pq.piece", pq.Sender(1, pq.OFFER, offer).piece(1))
        self.scripted("pq.kem.randomness")
        ciphertext, shared = encapsulate(public)
        step = pq.Step(0, chain, mac_key, None).next(shared, public, ciphertext)
        self.shows("pq.ciphertext.sha256", sha256(ciphertext))
        self.shows("pq.shared", shared)
        self.shows("pq.chain.1", step.chain)
        self.shows("pq.mac.1", step.mac_key)
        self.shows("pq.key.1", step.key)
        self.shows("pq.answer.mac", pq.answer_of(step.mac_key, 1, ciphertext)[-32:])
        self.shows("pq.message-key", self.session.message_key(hmac_sha256(self.chain_key, b"\x01"), step.key))

    def tags(self):
        key = HeaderKey(self.given("header-key"))
        self.shows("header-key.header", key.header)
        self.shows("header-key.tag", key.tags)
        for number in range(5):
            self.shows(f"tag.{number}", key.tag(number))

    def messages(self):
        stream, expires = self.alice.stream, expiry_day(NOW)
        body = {"stream": stream, "number": 7, "clock": 1, "parents": [], "sentAt": NOW, "text": "Moin"}
        payload = encode_payload([encode_body(body)], [])
        identifier = message_id(self.alice.iks, self.bob.iks, stream, 7)
        self.shows("payload", payload)
        self.shows("message.id", identifier)
        self.shows("message.position", position(1, identifier))
        self.shows("invite.tag.0", hello.invite_tag(self.invite, 0))
        self.shows("invite.mask.0", hello.invite_mask(self.invite, 0))
        self.scripted("hello.nonce", "hello.ephemeral.secret", "hello.outer.nonce")
        content = hello.seal_content(self.session, self.alice.certificate(1), payload)
        opening = self.session.opening
        envelope = hello.seal_invited(content, opening.epoch, opening.prekey, self.invite, 0, expires)
        self.shows("hello.length", len(envelope))
        self.shows("hello.head", envelope[:68])
        self.shows("hello.sha256", sha256(envelope))
        self.scripted("direct.nonce")
        direct = seal_direct(self.session, payload, expires, NOW)
        self.shows("direct.length", len(direct))
        self.shows("direct.head", direct[:91])
        self.shows("direct.sha256", sha256(direct))
        self.shows("parcel.sha256", sha256(encode_parcel([direct], self.given("parcel.salt"))))

    def open_hello(self):
        self.scripted("open.ephemeral.secret", "open.nonce")
        envelope = hello.seal_open(
            self.given("open.content"), epoch(NOW), self.read.signed_prekeys[0], expiry_day(NOW),
        )
        self.shows("open.tag", envelope[4:20])
        self.shows("open.challenge", challenge_of(envelope))
        self.shows("open.proof", envelope[56:64])
        self.shows("open.head", envelope[:76])
        self.shows("open.sha256", sha256(envelope))

    def beacon(self):
        self.shows("beacon.network-tag", network_tag("main"))
        self.shows("beacon", encode_beacon("main", self.given("beacon.id"), 4001, 4002))
