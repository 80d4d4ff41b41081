"""The post-quantum ratchet ("Post-quantum ratchet"): epochs, their offers and answers, and the pieces these travel in."""

from primitives import (
    KEM_CIPHERTEXT_BYTES, KEM_PUBLIC_BYTES, RANDOM, Refused, ZERO_SALT, check_kem_public, decapsulate, encapsulate, hkdf,
    hmac_sha256, kem_pair, label,
)
from wire import DAY_MS, Reader, u16, u8

CAPABILITY = 1
CHUNK = 32
OFFER, ANSWER = 0, 1
PART_BYTES = {OFFER: KEM_PUBLIC_BYTES + 32, ANSWER: KEM_CIPHERTEXT_BYTES + 32}
EPOCH_MESSAGES, EPOCH_INTERVAL, MAX_EPOCH = 50, 7 * DAY_MS, 65_535


def first_authenticator(secret, sid):
    """C0 and M0."""
    derived = hkdf(secret, ZERO_SALT, label("pq/init") + sid, 64)
    return derived[:32], derived[32:]


def offer_of(mac_key, epoch, public):
    return public + hmac_sha256(mac_key, label("pq/offer") + u16(epoch) + public)


def answer_of(mac_key, epoch, ciphertext):
    return ciphertext + hmac_sha256(mac_key, label("pq/answer") + u16(epoch) + ciphertext)


class Step:
    """C, M and K of an epoch."""

    def __init__(self, epoch, chain, mac_key, key):
        self.epoch = epoch
        self.chain = chain
        self.mac_key = mac_key
        self.key = key

    def next(self, shared, public, ciphertext):
        epoch = self.epoch + 1
        derived = hkdf(shared, self.chain, label("pq/epoch") + u16(epoch) + public + ciphertext, 96)
        return Step(epoch, derived[:32], derived[32:64], derived[64:])


class Sender:
    """Sends the chunks of one offer or answer in rounds."""

    def __init__(self, epoch, part, data):
        self.epoch = epoch
        self.part = part
        self.chunks = [data[at:at + CHUNK] for at in range(0, len(data), CHUNK)]
        self.at = 0
        self.left = len(self.chunks)

    def piece(self, most):
        """Of at most so many chunks."""
        if self.left == 0:
            self.left = len(self.chunks)
            self.at = RANDOM.bytes(1)[0] % len(self.chunks)
        count = min(most, self.left)
        run = [self.chunks[(self.at + i) % len(self.chunks)] for i in range(count)]
        piece = u16(self.epoch) + u8(self.part) + u8(self.at) + b"".join(run)
        self.at = (self.at + count) % len(self.chunks)
        self.left -= count
        return piece


class PostQuantum:
    """One session's state."""

    def __init__(self, initiator, secret, sid, now):
        self.initiator = initiator
        self.agreed = Step(0, *first_authenticator(secret, sid), ZERO_SALT)
        self.answered = None
        self.offered = None
        self.sender = None
        self.gathered = {}
        self.since = now
        self.count = 0

    # Which epochs there are

    def key_of(self, epoch):
        return next((step.key for step in (self.agreed, self.answered) if step and step.epoch == epoch), None)

    def chain_begun(self, epoch):
        """The other side began a chain: what was answered and is used is agreed."""
        if self.answered and self.answered.epoch == epoch:
            self.agreed, self.answered, self.sender = self.answered, None, None

    def own_turn(self):
        """Whether the epoch after the agreed one is this side's to offer: odd ones are the initiator's."""
        return ((self.agreed.epoch + 1) % 2 == 1) == self.initiator

    # Sending

    def piece(self, room, now):
        """The piece for a direct envelope, of at most `room` bytes; or nothing."""
        due = self.count >= EPOCH_MESSAGES or now - self.since >= EPOCH_INTERVAL
        if self.own_turn() and self.offered is None and due and self.agreed.epoch < MAX_EPOCH:
            seed, public = kem_pair()
            self.offered = (seed, public)
            epoch = self.agreed.epoch + 1
            self.sender = Sender(epoch, OFFER, offer_of(self.agreed.mac_key, epoch, public))
        most = (room - 4) // CHUNK
        return self.sender.piece(most) if self.sender and most >= 1 else None

    # Receiving

    def receive(self, piece, now):
        """Returns what is wrong with it, or nothing."""
        try:
            self.gather(piece, now)
            return None
        except Refused as refused:
            return refused.reason

    def gather(self, piece, now):
        reader = Reader(piece, "malformed-piece")
        epoch, part, first = reader.u16(), reader.u8(), reader.u8()
        run = reader.rest()
        if part not in PART_BYTES:
            reader.refuse()
        total = PART_BYTES[part] // CHUNK
        if not run or len(run) % CHUNK or first >= total or len(run) // CHUNK > total:
            reader.refuse()
        if epoch != self.agreed.epoch + 1:
            return
        if part == OFFER and (self.own_turn() or self.answered):
            return
        if part == ANSWER and not self.offered:
            return
        if part == ANSWER:
            # The offer has arrived.
            self.sender = None
        for i in range(len(run) // CHUNK):
            self.gathered.setdefault((first + i) % total, run[i * CHUNK:(i + 1) * CHUNK])
        if len(self.gathered) == total:
            data = b"".join(self.gathered[i] for i in range(total))
            self.gathered = {}
            (self.take_offer if part == OFFER else self.take_answer)(data, now)

    def take_offer(self, data, now):
        epoch, public = self.agreed.epoch + 1, data[:-32]
        try:
            check_kem_public(public)
        except Refused:
            raise Refused("bad-offer") from None
        if offer_of(self.agreed.mac_key, epoch, public) != data:
            raise Refused("bad-offer")
        ciphertext, shared = encapsulate(public)
        self.answered = self.agreed.next(shared, public, ciphertext)
        self.sender = Sender(epoch, ANSWER, answer_of(self.answered.mac_key, epoch, ciphertext))
        self.since, self.count = now, 0

    def take_answer(self, data, now):
        epoch, ciphertext = self.agreed.epoch + 1, data[:-32]
        seed, public = self.offered
        step = self.agreed.next(decapsulate(seed, ciphertext), public, ciphertext)
        if answer_of(step.mac_key, epoch, ciphertext) != data:
            raise Refused("bad-answer")
        self.agreed, self.offered, self.sender = step, None, None
        self.since, self.count = now, 0
