/*
 * Which session two people send on when both begin sessions at once (docs/protocol.md, "Sessions of a pair").
 *
 * Two sides begin up to two sessions each, whenever they like. Hellos are lost, doubled and overtake each other; a side crashes between
 * computing a session and committing it; one side loses its whole state once and goes on as a new incarnation. Proved at every moment at
 * which both have seen every hello between their current incarnations: both send on the same session. And at every end: that moment has come.
 *
 * Guards that can be turned off, each of which must be refuted:
 *   -DLAST_DECRYPTED   send on whatever session decrypted something last, instead of the highest generation and smallest hash
 *   -DKNOWN_FIRST      of equal generations keep the one known first, instead of the smallest hash
 *   -DANY_INCARNATION  choose among all sessions, instead of those between the newest incarnations
 *   -DUNCOMMITTED      say hello before the session is committed
 */

#define BEGUN 2          /* sessions a side begins at most */
#define SESSIONS 4       /* those with even numbers are begun by side 0 */
#define NONE 15
#define MAX_SAID 2       /* messages a side sends on its session */

#define bit(s) (1 << (s))
#define has(set, s) ((set) & bit(s))
#define initiator(s) ((s) % 2)

/* Of a session, fixed by its begin: what its hello says. */
byte generation[SESSIONS];
byte initiatorLife[SESSIONS];
byte recipientLife[SESSIONS];
/* SHA-256 of its id: any order of the four. */
byte hash[SESSIONS];

/* Of a side, in its store. */
byte known[2];           /* sessions it has, as a set */
byte begun[2];
byte life[2];            /* its own incarnation */
byte theirLife[2];       /* the newest incarnation of the other that it has seen */
byte highest[2];         /* the highest generation it has seen with the other */
byte answered[2];        /* own sessions that the other is known to have, as a set */
#ifdef KNOWN_FIRST
byte first[2] = NONE;    /* of the highest generation, what it knew first */
#endif
#ifdef LAST_DECRYPTED
byte last[2] = NONE;     /* what decrypted something last */
byte said[2];            /* messages sent on it: for the rule, it does not matter what is said */
#endif

/* The network. */
byte hellos;             /* in flight, as a set */
#ifdef LAST_DECRYPTED
byte messages[2];        /* to this side: sessions they are of, as a set */
#endif
bool restored;
bool over;

byte winner[2];          /* what the two would send on now */
byte current[2];         /* what they know of the sessions between the lives they lead, as sets */
byte candidate;

#define livesOf(me, s) ((initiator(s) == me && initiatorLife[s] == life[me] && recipientLife[s] == theirLife[me]) \
                     || (initiator(s) != me && recipientLife[s] == life[me] && initiatorLife[s] == theirLife[me]))

#ifdef ANY_INCARNATION
#define isCurrent(me, s) true
#else
#define isCurrent(me, s) livesOf(me, s)
#endif

#ifdef KNOWN_FIRST
#define precedes(me, s, t) (s == first[me])
#else
#define precedes(me, s, t) (hash[s] < hash[t])
#endif

#define isBefore(me, s, t) (t == NONE || generation[s] > generation[t] || (generation[s] == generation[t] && precedes(me, s, t)))

inline choose(by, found) {
  found = NONE;
  candidate = 0;
  do
  :: candidate < SESSIONS ->
    if
    :: has(known[by], candidate) && isCurrent(by, candidate) ->
      if
      :: isBefore(by, candidate, found) -> found = candidate
      :: else
      fi
    :: else
    fi;
    candidate++
  :: else -> break
  od;
#ifdef LAST_DECRYPTED
  if
  :: last[by] != NONE -> found = last[by]
  :: else
  fi;
#endif
  candidate = 0
}

inline currentOf(by, set) {
  set = 0;
  candidate = 0;
  do
  :: candidate < SESSIONS ->
    if
    :: has(known[by], candidate) && livesOf(by, candidate) -> set = set | bit(candidate)
    :: else
    fi;
    candidate++
  :: else -> break
  od;
  candidate = 0
}

/* Both know the same sessions between the lives they lead, and which lives these are: then they send on the same one. */
inline agree() {
  d_step {
    choose(0, winner[0]);
    choose(1, winner[1]);
    currentOf(0, current[0]);
    currentOf(1, current[1]);
    assert(!(current[0] == current[1] && current[0] != 0 && theirLife[0] == life[1] && theirLife[1] == life[0])
           || winner[0] == winner[1]);
    winner[0] = 0;
    winner[1] = 0;
    current[0] = 0;
    current[1] = 0
  }
}

inline note(at, it) {
  known[at] = known[at] | bit(it);
#ifdef LAST_DECRYPTED
  last[at] = it;
#endif
#ifdef KNOWN_FIRST
  if
  :: first[at] == NONE -> first[at] = it
  :: else ->
    if
    :: generation[it] > generation[first[at]] -> first[at] = it
    :: else
    fi
  fi;
#endif
  if
  :: generation[it] > highest[at] -> highest[at] = generation[it]
  :: else
  fi
}

/* Begin a session: it is computed, then committed; a crash between the two leaves nothing, for nothing has left. */
inline begin(who, which) {
  generation[which] = highest[who] + 1;
  initiatorLife[which] = life[who];
  recipientLife[which] = theirLife[who];
#ifdef UNCOMMITTED
  hellos = hellos | bit(which);
  begun[who]++;
#endif
  if
  :: true ->
#ifndef UNCOMMITTED
    begun[who]++;
#endif
    note(who, which);
    agree()
  :: true ->
    /* The crash. */
#ifndef UNCOMMITTED
    generation[which] = 0;
    initiatorLife[which] = 0;
    recipientLife[which] = 0
#else
    skip
#endif
  fi
}

/* The stored hello, the first time and as a repetition, before and after a crash; until it is answered, or its recipient is another. */
#define canRepeat(s) (initiator(s) == me && has(known[me], s) && livesOf(me, s) && !has(answered[me], s) && !has(hellos, s))
inline repeat(which) {
  hellos = hellos | bit(which)
}

#define canLose(s) (initiator(s) == me && has(hellos, s))
inline lose(which) {
  hellos = hellos & ~bit(which)
}

/* A hello arrives; whoever lost its state has not the keys for it. The answer may be lost, and then it comes again. */
#define canArrive(s) (initiator(s) == other && has(hellos, s))
inline arrive(which) {
  hellos = hellos & ~bit(which);
  if
  :: recipientLife[which] == life[me] ->
    if
    :: !has(known[me], which) ->
      note(me, which);
      if
      :: initiatorLife[which] > theirLife[me] -> theirLife[me] = initiatorLife[which]
      :: else
      fi;
      agree()
    :: else
    fi;
    if
    :: initiatorLife[which] == life[other] -> answered[other] = answered[other] | bit(which)
    :: true
    fi
  :: else
  fi
}

#ifdef LAST_DECRYPTED
/* A message of this session arrives. */
#define canHear(s) (has(messages[me], s))
inline hear(which) {
  messages[me] = messages[me] & ~bit(which);
  if
  :: has(known[me], which) -> last[me] = which; agree()
  :: else
  fi
}
#define HEARS(s) :: atomic { canHear(s) -> hear(s) }
#else
#define HEARS(s)
#endif

#define ACTS(s) \
  :: atomic { canRepeat(s) -> repeat(s) } \
  :: atomic { canLose(s) -> lose(s) } \
  :: atomic { canArrive(s) -> arrive(s) } \
  HEARS(s)

proctype side(byte me; byte other) {
  byte chosen;
end:
  do
  :: atomic { begun[me] == 0 -> begin(me, me) }
  :: atomic { begun[me] == 1 -> begin(me, me + 2) }
  ACTS(0)
  ACTS(1)
  ACTS(2)
  ACTS(3)

#ifdef LAST_DECRYPTED
  /* A message on the session of choice. */
  :: atomic {
      said[me] < MAX_SAID ->
      choose(me, chosen);
      if
      :: chosen != NONE ->
        if
        :: !has(messages[other], chosen) ->
          messages[other] = messages[other] | bit(chosen);
          said[me]++
        :: else
        fi
      :: else
      fi;
      chosen = 0
    }
#endif

  /* Side 1 loses its store: it is another incarnation from here on, and greets. */
  :: atomic {
      me == 1 && !restored && begun[1] == 1 ->
      restored = true;
      life[1]++;
      known[1] = 0;
      answered[1] = 0;
      highest[1] = 0;
#ifdef LAST_DECRYPTED
      last[1] = NONE;
#endif
#ifdef KNOWN_FIRST
      first[1] = NONE;
#endif
      begin(1, 3)
    }
  od
}

#define TAKES(value) :: !has(current[0], value) -> current[0] = current[0] | bit(value); hash[place] = value

init {
  byte place;
  atomic {
    /* Any order of the hashes. */
    do
    :: place < SESSIONS ->
      if
      TAKES(0)
      TAKES(1)
      TAKES(2)
      TAKES(3)
      fi;
      place++
    :: else -> break
    od;
    place = 0;
    current[0] = 0;
    run side(0, 1);
    run side(1, 0)
  };
  /* Nothing is under way and nothing remains to be said: both have seen everything, and agree. */
  atomic {
    timeout ->
    currentOf(0, current[0]);
    currentOf(1, current[1]);
    assert(current[0] == current[1] && current[0] != 0);
    choose(0, winner[0]);
    choose(1, winner[1]);
    assert(winner[0] == winner[1]);
    over = true
  }
}
