"""What one side of a pair keeps of the other: sessions, numbers, outbox, order ("Payload", "Sessions of a pair")."""

from identity import conversation_id, identity_id
from payload import MAX_PARENTS, encode_body, message_id, numbers_of, position, runs_of
from primitives import RANDOM, sha256
from wire import DAY_MS

MAX_SESSIONS = 8
MAX_UNANCHORED = 32
MAX_CLOCK_JUMP = 100_000


class Sealed:
    """An own message that no receipt has acknowledged: as what it was sealed, and for which session."""

    def __init__(self, body):
        self.body = body
        self.session = None
        self.envelope = None
        self.published = 0


class Contact:
    def __init__(self, own, iks, ikd, incarnation=None):
        self.own = own
        self.iks = iks
        self.ikd = ikd
        self.incarnation = incarnation
        self.seq = -1
        self.bundle = None
        self.profile = None
        # The card's invite: INV, one-time key or nothing, notAfter; and how many hellos were made with it.
        self.invite = None
        self.hellos = 0
        self.answered = False
        self.sessions = []
        self.generation = 0
        # Numbers
        self.number = int.from_bytes(RANDOM.bytes(4), "big")
        self.outbox = {}
        self.read_by_them = set()
        self.received = {}
        self.read = {}
        self.owes_receipt = False
        self.unanchored = 0
        # Order
        self.clock = 0
        self.heads = []
        self.messages = {}

    @property
    def id(self):
        return identity_id(self.iks)

    @property
    def conversation(self):
        return conversation_id(self.own.iks, self.iks)

    # Bundles and sessions

    def adopt(self, bundle):
        """The greatest seq wins; one that is at least the greatest seen also names the current incarnation."""
        if bundle.iks != self.iks or bundle.ikd != self.ikd:
            raise ValueError("another person's bundle, or another device key: the oracle has no user to ask")
        if self.bundle is None or bundle.seq > self.bundle.seq:
            self.bundle = bundle
        self.hear_of(bundle.incarnation, bundle.seq)

    def hear_of(self, incarnation, seq):
        if seq >= self.seq:
            self.seq, self.incarnation = seq, incarnation

    def keep(self, session):
        self.sessions.append(session)
        self.generation = max(self.generation, session.generation)
        if len(self.sessions) > MAX_SESSIONS:
            chosen = self.chosen()
            self.sessions.remove(next(one for one in self.sessions if one is not chosen))

    def chosen(self):
        """Between the current incarnations: the highest generation, of equal ones the smallest SHA-256(sid)."""
        pair = (self.own.incarnation, self.incarnation)
        current = [one for one in self.sessions if one.incarnations == pair]
        return min(current, key=lambda one: (-one.generation, sha256(one.id)), default=None)

    def session_of(self, sid):
        return next((one for one in self.sessions if one.id == sid), None)

    def session_for(self, tag):
        return next((one for one in self.sessions if one.knows(tag)), None)

    def stale(self, session, now):
        return session.initiated and not session.answered and now - session.began > 7 * DAY_MS

    # Own messages

    def compose(self, content, now):
        """A numbered body in the outbox; content is `text`, `data` or `profile`. Returns its number."""
        number = self.number
        self.number += 1
        body = {"stream": self.own.stream, "number": number, "clock": 0, "parents": [], "sentAt": now, **content}
        if "profile" not in content:
            self.clock += 1
            body.update(clock=self.clock, parents=list(self.heads))
            self.enter(message_id(self.own.iks, self.iks, self.own.stream, number), body, own=True)
        self.outbox[number] = Sealed(encode_body(body))
        return number

    # Their messages

    def take(self, body):
        """A body of theirs: the message it is, or nothing if it is a duplicate or not shown."""
        self.owes_receipt = True
        numbers = self.received.setdefault(body["stream"], set())
        if body["number"] in numbers:
            return None
        numbers.add(body["number"])
        if "profile" in body:
            self.profile = body["profile"]
            return None
        if body["clock"] > self.clock + MAX_CLOCK_JUMP:
            body["clock"] = self.clock + 1
        self.clock = max(self.clock, body["clock"])
        identifier = message_id(self.iks, self.own.iks, body["stream"], body["number"])
        return self.enter(identifier, body, own=False)

    def enter(self, identifier, body, own):
        """Into the conversation's order."""
        message = {
            "id": identifier.hex(), "own": own, "text": body.get("text"), "number": body["number"],
            "position": position(body["clock"], identifier),
        }
        self.messages[identifier] = message
        self.heads = [head for head in self.heads if head not in body["parents"]][1 - MAX_PARENTS:] + [identifier]
        return message

    def order(self):
        return sorted(self.messages.values(), key=lambda message: message["position"])

    # Receipts

    def receipts(self):
        """One per stream of theirs; cumulative."""
        return [
            {"stream": stream, "delivered": runs_of(numbers), "read": runs_of(self.read.get(stream, ()))}
            for stream, numbers in self.received.items()
        ]

    def acknowledge(self, receipt):
        if receipt["stream"] != self.own.stream:
            return
        for number in numbers_of(receipt["delivered"]):
            self.outbox.pop(number, None)
        self.read_by_them.update(numbers_of(receipt["read"]))
