/*
 * The order of persistence (docs/protocol.md), with a crash at every step of both ends.
 *
 * A sender composes two messages. For each it takes the next message key, seals, commits {session, outbox} at once, publishes what the outbox
 * holds until it is acknowledged. A recipient decrypts on a copy, commits {session, message} at once, then tells its user and acknowledges.
 * Both die wherever they stand, up to two times each, and go on with what their stores hold. The network loses, doubles and delays.
 *
 * Proved: no message key ever seals two contents (K); what was acknowledged, to the user or to the sender, is in a store (L); nobody is shown a
 * message twice (D); and at every end every accepted message has been taken exactly once (E).
 *
 * Guards that can be turned off, each of which must be refuted:
 *   -DPUBLISH_FIRST  publish, then commit
 *   -DTWO_COMMITS    commit the outbox entry, then the session
 *   -DRESEAL         a repetition seals the message again with the key it has
 *   -DSHOW_FIRST     tell the user, then commit
 *   -DACK_FIRST      acknowledge, then commit
 *   -DNO_DUPLICATES  take every envelope that can be decrypted, under a key that is kept
 */

#define MESSAGES 2
#define KEYS 6            /* more than the crashes can use up */
#define SEALS 12          /* every seal has a nonce of its own */
#define CRASHES 2

#define bit(n) (1 << (n))
#define has(set, n) ((set) & bit(n))

/* The sender's store. */
byte nextKey;
byte outboxKey[MESSAGES];    /* key + 1 of the envelope in the outbox, 0 without one */
byte outboxSeal[MESSAGES];
byte accepted;               /* messages whose send resolved, as a set */
byte finished;               /* messages that the sender calls delivered, as a set */

/* The recipient's store. */
byte usedKeys;               /* keys spent, as a set */
byte inbox;                  /* messages taken, as a set */

/* The network: envelopes in flight, by message; of two with different seals, both. */
typedef Envelope { byte key; byte nonce; bool flies }
Envelope wire[SEALS];
byte contentOf[SEALS];       /* message + 1 */
byte receipts;               /* acknowledgements in flight, as a set of messages */

/* What nobody in the system knows: for the proof only. */
byte seals;
byte sealOfKey[KEYS];        /* the seal that was published under a key, + 1 */
byte shown[MESSAGES];
byte crashes[2];

inline publish(which) {
  /* K: one key, one seal, whatever was computed and forgotten in between. */
  assert(sealOfKey[wire[which].key] == 0 || sealOfKey[wire[which].key] == which + 1);
  sealOfKey[wire[which].key] = which + 1;
  wire[which].flies = true
}

inline sealNew(message, withKey, made) {
  assert(seals < SEALS && withKey < KEYS);
  made = seals;
  wire[made].key = withKey;
  contentOf[made] = message + 1;
  seals++
}

/* Nothing but the store survives. */
#define MAY_DIE(who) :: atomic { crashes[who] < CRASHES -> crashes[who]++; goto restart }

proctype sender() {
  byte message, made, key;
restart:
  atomic { message = 0; made = 0; key = 0 };
end:
  do
  /* Compose the next message; a user whose send did not resolve sends it again. */
  :: atomic {
      !has(accepted, 0) || !has(accepted, 1) ->
      message = (has(accepted, 0) -> 1 : 0);
      key = nextKey;
      sealNew(message, key, made)
    };
#ifdef PUBLISH_FIRST
    if
    :: atomic { true -> publish(made) }
    MAY_DIE(0)
    fi;
#endif
    if
    :: atomic {
        true ->
        outboxKey[message] = key + 1;
        outboxSeal[message] = made;
#ifndef TWO_COMMITS
        nextKey = key + 1;
#endif
      }
    MAY_DIE(0)
    fi;
#ifdef TWO_COMMITS
    if
    :: atomic { true -> publish(made) }
    MAY_DIE(0)
    fi;
    if
    :: atomic { true -> nextKey = key + 1 }
    MAY_DIE(0)
    fi;
#endif
    if
    :: atomic { true -> accepted = accepted | bit(message); made = 0; key = 0; message = 0 }
    MAY_DIE(0)
    fi

  /* Publish, the first time or again, the bytes in the outbox. */
  :: atomic {
      outboxKey[0] != 0 && !wire[outboxSeal[0]].flies ->
#ifdef RESEAL
      if
      :: seals < SEALS && sealOfKey[wire[outboxSeal[0]].key] != 0 -> sealNew(0, wire[outboxSeal[0]].key, outboxSeal[0])
      :: else
      fi;
#endif
      publish(outboxSeal[0])
    }
  :: atomic { outboxKey[1] != 0 && !wire[outboxSeal[1]].flies -> publish(outboxSeal[1]) }

  /* A receipt: one commit takes the entry out of the outbox and calls it delivered. */
  :: atomic { has(receipts, 0) -> receipts = receipts & ~bit(0); outboxKey[0] = 0; finished = finished | bit(0) }
  :: atomic { has(receipts, 1) -> receipts = receipts & ~bit(1); outboxKey[1] = 0; finished = finished | bit(1) }

  MAY_DIE(0)
  od
}

inline take(which) {
  message = contentOf[which] - 1;
  key = wire[which].key;
  wire[which].flies = false
}

#define ARRIVES(which) :: atomic { which < seals && wire[which].flies -> take(which) }
#define LOSES(which) :: atomic { which < seals && wire[which].flies -> wire[which].flies = false }

proctype recipient() {
  byte message, key;
  bool isNew;
restart:
  atomic { message = 0; key = 0; isNew = false };
end:
  do
  :: atomic {
      if
      ARRIVES(0) ARRIVES(1) ARRIVES(2) ARRIVES(3) ARRIVES(4) ARRIVES(5)
      ARRIVES(6) ARRIVES(7) ARRIVES(8) ARRIVES(9) ARRIVES(10) ARRIVES(11)
      fi;
      /* Of what came before the key is gone, and its number is known. */
#ifdef NO_DUPLICATES
      isNew = true
#else
      isNew = !has(usedKeys, key) && !has(inbox, message)
#endif
    };
    if
    :: isNew ->
#ifdef SHOW_FIRST
      if
      :: atomic { true -> shown[message]++ }
      MAY_DIE(1)
      fi;
#endif
#ifdef ACK_FIRST
      if
      :: atomic { true -> receipts = receipts | bit(message) }
      MAY_DIE(1)
      fi;
#endif
      if
      :: atomic { true -> usedKeys = usedKeys | bit(key); inbox = inbox | bit(message) }
      MAY_DIE(1)
      fi;
#ifndef SHOW_FIRST
      if
      :: atomic { true -> shown[message]++ }
      MAY_DIE(1)
      fi;
#endif
      /* D */
      assert(shown[message] <= 1)
    :: else
    fi;
    /* What is in the store is acknowledged, also when it comes again. */
    if
    :: atomic { true -> receipts = receipts | bit(message); message = 0; key = 0; isNew = false }
    MAY_DIE(1)
    fi

  MAY_DIE(1)
  od
}

/* An envelope that never arrives, a receipt that never comes. */
proctype network() {
end:
  do
  LOSES(0) LOSES(1) LOSES(2) LOSES(3) LOSES(4) LOSES(5) LOSES(6) LOSES(7) LOSES(8) LOSES(9) LOSES(10) LOSES(11)
  :: atomic { has(receipts, 0) -> receipts = receipts & ~bit(0) }
  :: atomic { has(receipts, 1) -> receipts = receipts & ~bit(1) }
  od
}

/* L: what a user was told is accepted is in the outbox or in the inbox, and what a sender calls delivered is in the inbox. */
#define KEPT(message) \
  (!has(accepted, message) || outboxKey[message] != 0 || has(inbox, message)) && (!has(finished, message) || has(inbox, message))

active proctype proof() {
end:
  do
  :: atomic { !(KEPT(0) && KEPT(1)) -> assert(false) }
  od
}

init {
  atomic { run sender(); run recipient(); run network() };
  /* E: nothing is under way and nothing remains to be repeated. */
  atomic {
    timeout ->
    assert(accepted == 3 && finished == 3 && inbox == 3 && outboxKey[0] == 0 && outboxKey[1] == 0)
  }
}
