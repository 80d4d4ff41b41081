"""The other side: somebody with an identity who meets people, sends and receives. No store, no network, no clock of its own."""

import hello
import pq
from bundle import Bundle, Prekeys, decode_request, encode_response, open_record, record_id, seal_record
from card import decode_link, encode_card, encode_link
from contact import MAX_UNANCHORED, Contact
from envelope import (
    NONCE_BYTES, OPEN, Outline, PREFIX_BYTES, SEALED_HEADER_BYTES, SEAL_BYTES, SIZES, TAGGED, expiry_day, pad_to_size, prefix, unpad,
)
from identity import Identity
from payload import PIECE, bytes_field, decode_payload, encode_payload, piece_room
from primitives import RANDOM, Refused, dh_pair, sha256
from ratchet import Message
from wire import DAY_MS, epoch

DIRECT_OVERHEAD = PREFIX_BYTES + NONCE_BYTES + SEALED_HEADER_BYTES + SEAL_BYTES

# A schedule of its own, as every implementation may have: ms, and how many at once.
AGAIN_AFTER, MAX_AGAIN = 3_000, 256


class Invite:
    """As its owner keeps it."""

    def __init__(self):
        self.secret = RANDOM.bytes(32)
        self.one_time_secret, self.one_time_public = dh_pair()
        self.used_by = None


class Peer:
    def __init__(self, name, now, capable):
        self.name = name
        self.identity = Identity.generate()
        self.capable = capable
        self.prekeys = Prekeys.issue(self.identity, now, bytes([pq.CAPABILITY]) if capable else b"")
        self.certificate = self.identity.certificate(self.prekeys.seq)
        self.invites = {}
        self.contacts = {}
        self.accepted = set()
        self.seen = {}
        self.pieces_refused = []

    def contact(self, identifier):
        return next(one for one in self.contacts.values() if one.id == identifier)

    # Meeting

    def card(self, now, with_invite, with_bundle, addresses):
        invite = Invite() if with_invite else None
        if invite:
            for count in range(hello.MAX_HELLOS):
                self.invites[hello.invite_tag(invite.secret, count)] = (invite, count)
        return encode_link(encode_card(
            self.identity, now + 30 * DAY_MS, self.name, addresses,
            invite and (invite.secret, invite.one_time_public), self.prekeys.encoded if with_bundle else None,
        ))

    def add(self, link, now):
        card = decode_link(link)
        if card.expired(now):
            raise Refused("expired")
        contact = self.contacts.setdefault(card.iks, Contact(self.identity, card.iks, card.ikd))
        if card.invite:
            contact.invite = {"secret": card.invite[0], "one-time": card.invite[1], "not-after": card.not_after}
        if card.bundle:
            contact.adopt(card.bundle)
        return contact, card

    def answer(self, request, now):
        """A bundle request: the own record, if it is asked for."""
        wanted, offered = decode_request(request)
        weeks = (epoch(now) - 1, epoch(now), epoch(now) + 1)
        own = [seal_record(self.identity.iks, week, self.prekeys.encoded) for week in weeks]
        taken = [self.take_record(name, body, now) for name, body in offered]
        return encode_response([record for record in own if record[0] in wanted]), [one for one in taken if one]

    def take_record(self, name, body, now):
        """A record of somebody known is opened: whose it was, or nothing."""
        for contact in self.contacts.values():
            for week in (epoch(now), epoch(now) - 1, epoch(now) + 1):
                if record_id(contact.iks, week) == name:
                    contact.adopt(open_record(contact.iks, week, body))
                    return contact.id
        return None

    # Sending

    def send(self, contact, content, now):
        number = contact.compose(content, now)
        return number, self.seal(contact, number, now)

    def due(self, contact, now):
        """What was published a while ago and no receipt has acknowledged, the oldest first; sealed again where another session
        is in use now."""
        late = [number for number, one in contact.outbox.items() if now - one.published >= AGAIN_AFTER][:MAX_AGAIN]
        session = self.session(contact, now) if late else None
        for number in late:
            if contact.outbox[number].session is not session:
                self.seal(contact, number, now)
            contact.outbox[number].published = now
        return [contact.outbox[number].envelope for number in late]

    def seal(self, contact, number, now):
        sealed = contact.outbox[number]
        sealed.session = self.session(contact, now)
        sealed.envelope = self.seal_payload(contact, sealed.session, [sealed.body], now)
        sealed.published = now
        contact.unanchored = 0
        return sealed.envelope

    def receipt(self, contact, now):
        """A receipt by itself; after 32 of them a numbered message, a profile, carries it."""
        contact.unanchored += 1
        if contact.unanchored > MAX_UNANCHORED:
            profile = {"name": self.name, "addresses": [], "bundle": self.prekeys.encoded}
            return self.send(contact, {"profile": profile}, now)[1]
        return self.seal_payload(contact, self.session(contact, now), [], now)

    def session(self, contact, now):
        session = contact.chosen()
        if session is not None and not contact.stale(session, now):
            return session
        if contact.bundle is None or contact.bundle.expired(now):
            raise Refused("no-bundle")
        invite = contact.invite
        if contact.answered or contact.hellos >= hello.MAX_HELLOS \
                or (invite and now > invite["not-after"] + DAY_MS):
            invite = None
        session = hello.initiate(
            self.identity, contact.bundle, invite and invite["secret"], invite and invite["one-time"],
            contact.generation + 1, now, self.capable,
        )
        if invite:
            invite["one-time"] = None
        contact.keep(session)
        return session

    def seal_payload(self, contact, session, bodies, now):
        payload = encode_payload(bodies, contact.receipts())
        contact.owes_receipt = False
        expires = expiry_day(now)
        opening = session.opening
        if opening and not session.answered:
            if opening.invite and contact.hellos < hello.MAX_HELLOS:
                content = hello.seal_content(session, self.certificate, payload)
                contact.hellos += 1
                return hello.seal_invited(
                    content, opening.epoch, opening.prekey, opening.invite, contact.hellos - 1, expires,
                )
            if not opening.invite and opening.said == 0:
                opening.said += 1
                content = hello.seal_content(session, self.certificate, payload)
                return hello.seal_open(content, opening.epoch, opening.prekey, expires)
        return seal_direct(session, payload, expires, now)

    # Receiving

    def receive(self, envelope, now):
        outline = Outline(envelope, now)
        digest = sha256(envelope)
        if digest in self.seen:
            self.seen[digest].owes_receipt = True
            return {"kind": "repeat", "from": self.seen[digest].id}
        if outline.lane == OPEN:
            encoded, secret = hello.open_open(envelope, self.prekeys.signed_prekey)
            contact, opened = self.receive_hello(hello.Content(encoded), secret, None, now)
        elif outline.tag in self.invites:
            invite, count = self.invites[outline.tag]
            encoded, secret = hello.open_invited(envelope, invite.secret, count, self.prekeys.signed_prekey)
            contact, opened = self.receive_hello(hello.Content(encoded), secret, invite, now)
        else:
            contact, opened = self.receive_direct(envelope, outline, now)
        bodies, receipts, _ = read_payload(opened)
        self.seen[digest] = contact
        messages = [contact.take(body) for body in bodies]
        for receipt in receipts:
            contact.acknowledge(receipt)
        self.adopt_profile(contact)
        return {
            "kind": "taken", "from": contact.id, "bodies": len(bodies), "receipts": len(receipts),
            "messages": [message for message in messages if message],
        }

    def adopt_profile(self, contact):
        if contact.profile and contact.profile["bundle"]:
            contact.adopt(Bundle(contact.profile["bundle"]))
            contact.profile = {**contact.profile, "bundle": b""}

    def receive_direct(self, envelope, outline, now):
        for contact in self.contacts.values():
            session = contact.session_for(outline.tag)
            if session is not None:
                message = Message(outline.tag, envelope[20:32], envelope[32:91], envelope[91:])
                opened = session.decrypt(message, outline.prefix, welcome)
                session.answered = contact.answered = True
                self.receive_piece(session, opened, now)
                return contact, opened
        raise Refused("unknown-session")

    def receive_piece(self, session, opened, now):
        if session.pq is None:
            return
        session.pq.count += 1
        try:
            piece = read_payload(opened)[2]
        except Refused:
            return
        if piece is not None:
            reason = session.pq.receive(piece, now)
            if reason:
                self.pieces_refused.append(reason)

    def receive_hello(self, content, prekey_secret, invite, now):
        certificate = content.certificate
        if invite and invite.used_by not in (None, certificate.iks):
            raise Refused("invite-used")
        if certificate.iks == self.identity.iks:
            raise Refused("own-hello")
        contact = self.contacts.get(certificate.iks)
        known = contact and contact.session_of(content.sid)
        if known:
            opened = known.decrypt(content.message, hello.inner_prefix(content.sid), welcome)
            contact.hear_of(certificate.incarnation, certificate.seq)
            return contact, opened
        if content.has_pq and not self.capable:
            raise Refused("bad-content")
        if content.sid in self.accepted:
            raise Refused("replayed-hello")
        if contact and contact.ikd != certificate.ikd:
            raise Refused("identity-changed")
        if content.bundle_hash != self.prekeys.hash:
            raise Refused("unknown-bundle")
        if content.kem_prekey_id != hello.kem_prekey_id(self.prekeys.kem_public):
            raise Refused("unknown-kem-prekey")
        one_time = invite and invite.one_time_secret
        if content.one_time and not one_time:
            raise Refused("no-one-time-key")
        session = hello.accept(self.identity, self.prekeys, prekey_secret, one_time, content, now)
        if not session.knows(content.message.tag):
            raise Refused("unexpected-tag")
        opened = session.decrypt(content.message, hello.inner_prefix(content.sid), welcome)
        if invite:
            invite.used_by = certificate.iks
            if content.one_time:
                invite.one_time_secret = None
        self.accepted.add(content.sid)
        contact = self.contacts.setdefault(
            certificate.iks, Contact(self.identity, certificate.iks, certificate.ikd),
        )
        contact.hear_of(certificate.incarnation, certificate.seq)
        contact.keep(session)
        return contact, opened

    def mark_read(self, contact):
        for stream, numbers in contact.received.items():
            contact.read[stream] = set(numbers)
        contact.owes_receipt = True


def read_payload(body):
    """Bodies and receipts of a decrypted, padded body."""
    return decode_payload(unpad(body, "malformed"))


def welcome(body):
    """Whether what a body holds may be taken now. What can never be read is: its key is spent."""
    try:
        bodies = read_payload(body)[0]
    except Refused:
        return
    if any(not {"text", "data", "profile"} & set(one) for one in bodies):
        raise Refused("not-welcome")


def seal_direct(session, payload, expires, now):
    if session.pq:
        session.pq.count += 1
        room = next(size for size in SIZES if size > DIRECT_OVERHEAD + len(payload)) - DIRECT_OVERHEAD - 1 - len(payload)
        piece = session.pq.piece(piece_room(room), now)
        payload += b"" if piece is None else bytes_field(PIECE, piece)
    message = session.encrypt(
        lambda tag: prefix(TAGGED, expires, tag), lambda body: pad_to_size(body, DIRECT_OVERHEAD), payload,
    )
    return prefix(TAGGED, expires, message.tag) + message.nonce + message.header + message.body
