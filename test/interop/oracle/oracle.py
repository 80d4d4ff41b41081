#!/usr/bin/python3
"""An independent second implementation of the Hallig protocol, written from docs/protocol.md alone, to play the other side.

It reads one JSON object a line from stdin and answers each with one line on stdout; bytes are hexadecimal, times ms.
A request names what to do and its arguments: {"do": "create", "name": "Bob", "seed": "01", "now": 1750075200000}.
An answer is {"ok": …}, or {"refused": reason} for what somebody else sent and does not hold.

By hand, in the root of the repository, after `npm ci`:

    apt-get install python3-cryptography python3-doubleratchet python3-nacl
    /usr/bin/python3 test/interop/oracle/oracle.py --examples docs/protocol.md     compute the worked examples again
    /usr/bin/python3 test/interop/oracle/oracle.py                                 then requests, as {"do": "ping"}

The methods of `Oracle` are the requests. ML-KEM-768 comes from libsodium in a child (kem.mjs), run by `node`, or by the
program that --node names. test/interop/oracle.spec.ts drives it against this repository's own implementation."""

import argparse
import json
import sys
from pathlib import Path

import forge
from bundle import Bundle, decode_response, encode_request, record_id
from card import decode_link
from envelope import decode_parcel, encode_parcel, topic, verdict
from examples import Examples, parse
from identity import fingerprint, identity_id, safety_number
from peer import Peer
from primitives import KEM, RANDOM, Refused, signature_holds
from wire import epoch


def unhex(text):
    return bytes.fromhex(text)


class Oracle:
    """One person, and a few questions that need none."""

    def __init__(self):
        self.peer = None

    def handle(self, request):
        arguments = {name: value for name, value in request.items() if name != "do"}
        try:
            return {"ok": getattr(self, "do_" + request["do"].replace("-", "_"))(**arguments)}
        except Refused as refused:
            return {"refused": refused.reason}

    # Questions

    def do_ping(self):
        return "pong"

    def do_examples(self, path):
        return Examples(parse(Path(path).read_text("utf-8"))).run()

    def do_verify(self, public, message, signature):
        return signature_holds(unhex(public), unhex(message), unhex(signature))

    def do_read_card(self, link):
        return describe_card(decode_link(link))

    def do_read_bundle(self, bundle):
        read = Bundle(unhex(bundle))
        return {"seq": read.seq, "hash": read.hash.hex(), "firstEpoch": read.first_epoch, "notAfter": read.not_after}

    def do_verdict(self, parcel, now):
        return verdict(unhex(parcel), now)

    def do_topic(self):
        return topic()

    # A person

    def do_create(self, name, seed, now, capable=True):
        RANDOM.seed, RANDOM.count = unhex(seed), 0
        self.peer = Peer(name, now, capable)
        own = self.peer.identity
        return {"id": identity_id(own.iks), "bundle": self.peer.prekeys.encoded.hex()}

    def do_card(self, now, invite=True, bundle=True, addresses=()):
        return self.peer.card(now, invite, bundle, list(addresses))

    def do_add(self, link, now):
        contact, card = self.peer.add(link, now)
        return {"id": contact.id, **describe_card(card)}

    def do_adopt(self, contact, bundle):
        self.peer.contact(contact).adopt(Bundle(unhex(bundle)))

    def do_safety_number(self, contact):
        own, other = self.peer.identity, self.peer.contact(contact)
        return safety_number(fingerprint(own.iks, own.ikd), fingerprint(other.iks, other.ikd))

    def do_ask(self, contact, now):
        """A bundle request for the three weeks of a contact."""
        iks = self.peer.contact(contact).iks
        return encode_request([record_id(iks, epoch(now) + week) for week in (0, -1, 1)], []).hex()

    def do_answer(self, request, now):
        """The answer to a bundle request, and whose offered records were taken."""
        response, taken = self.peer.answer(unhex(request), now)
        return {"response": response.hex(), "taken": taken}

    def do_learn(self, response, now):
        records = decode_response(unhex(response))
        return [self.peer.take_record(name, body, now) for name, body in records]

    def do_send(self, contact, now, text=None, data=None):
        content = {"text": text} if data is None else {"data": (data[0], unhex(data[1]))}
        number, envelope = self.peer.send(self.peer.contact(contact), content, now)
        return {"number": number, "envelope": envelope.hex()}

    def do_due(self, contact, now):
        return [envelope.hex() for envelope in self.peer.due(self.peer.contact(contact), now)]

    def do_receipt(self, contact, now):
        return self.peer.receipt(self.peer.contact(contact), now).hex()

    def do_mark_read(self, contact):
        self.peer.mark_read(self.peer.contact(contact))

    def do_receive(self, envelope, now):
        return self.peer.receive(unhex(envelope), now)

    def do_receive_all(self, envelopes, now):
        """Many at once; what is refused is an answer of its own."""
        return [self.handle({"do": "receive", "envelope": envelope, "now": now}) for envelope in envelopes]

    def do_parcel(self, envelopes):
        return encode_parcel([unhex(envelope) for envelope in envelopes]).hex()

    def do_unpack(self, parcel):
        return [envelope.hex() for envelope in decode_parcel(unhex(parcel))]

    def do_forge(self, what, **arguments):
        return forge.FORGERIES[what](self.peer, **arguments)

    def do_contact(self, contact):
        """What is known of a contact."""
        one = self.peer.contact(contact)
        return {
            "profile": one.profile and one.profile["name"], "outbox": len(one.outbox), "owes": one.owes_receipt,
            "readByThem": len(one.read_by_them), "conversation": one.conversation,
            "sessions": len(one.sessions), "skipped": sum(len(session.skipped) for session in one.sessions),
            "session": one.chosen() and one.chosen().id.hex(), "hellos": one.hellos,
            "generation": one.chosen() and one.chosen().generation,
            "epochs": self.epochs(one.chosen()), "piecesRefused": self.peer.pieces_refused,
        }

    @staticmethod
    def epochs(session):
        """Of the post-quantum ratchet: of the last sending and receiving chain, if the session has it."""
        return [session.sending_epoch, session.receiving_epoch] if session and session.pq else None

    def do_history(self, contact):
        """Ids of the conversation's messages, in order."""
        return [message["id"] for message in self.peer.contact(contact).order()]


def describe_card(card):
    return {
        "iks": card.iks.hex(), "name": card.name, "addresses": card.addresses, "notAfter": card.not_after,
        "invite": card.invite is not None, "bundle": card.bundle is not None,
    }


def main():
    options = argparse.ArgumentParser(description="Plays the other side of the Hallig protocol.")
    options.add_argument("--node", default="node", help="the node that runs kem.mjs")
    options.add_argument("--examples", metavar="FILE", help="compute the worked examples of docs/protocol.md, and end")
    given = options.parse_args()
    KEM.node = given.node
    oracle = Oracle()
    if given.examples:
        result = oracle.do_examples(given.examples)
        print(json.dumps(result, indent=2))
        KEM.close()
        sys.exit(1 if result["differences"] or result["unused"] else 0)
    for line in sys.stdin:
        print(json.dumps(oracle.handle(json.loads(line))), flush=True)
    KEM.close()


if __name__ == "__main__":
    main()
