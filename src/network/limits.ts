/** Every bound of the network layer, with its unit and its reason. The bounds of the protocol are in `protocol/limits.ts`. */

/** Bytes of envelopes waiting for a publish in flight: some seconds of a LAN's pace; over it `publish` says no at once. */
export const MAX_QUEUED_BYTES = 8 * 1024 * 1024

/**
 * Bytes a gossip stream may have unsent before new envelopes wait (and grow into parcels). A sixteenth of the 4 MiB at
 * which gossipsub aborts a stream for good, so forwarded traffic has room too.
 */
export const MAX_STREAM_BACKLOG = 256 * 1024

/** Milliseconds one slow peer may hold back a publish for everybody else. */
export const MAX_BACKLOG_WAIT_MS = 250

/** Bytes of one direct request: a bundle has about 1.5 kB; a reconciliation frame 60 KiB. */
export const MAX_REQUEST_BYTES = 65_536
/** Bytes of one response, for the same reasons. */
export const MAX_RESPONSE_BYTES = 65_536

/** Milliseconds a direct request may take altogether: a slow link's few round trips, not a patient attacker's day. */
export const REQUEST_TIMEOUT_MS = 10_000

/** Bytes of one message on a direct stream: a reconciliation frame, 60 KiB, with some room. */
export const MAX_STREAM_MESSAGE = 65_536
/** Bytes of messages that may wait to be read on one direct stream: four times what a session asks for at once; over it the stream breaks. */
export const MAX_STREAM_UNREAD = 1024 * 1024
/** Messages that may wait to be read on one direct stream, however short: a session has some dozens. An empty one takes two hundred bytes of memory, and of the link one. */
export const MAX_UNREAD_MESSAGES = 1_024

/** Streams one peer may have open to us per direct protocol: one in use and one replacing it. */
export const MAX_INBOUND_REQUEST_STREAMS = 2

/** The same per protocol id of gossipsub, for each holds a frame of up to {@link MAX_STREAM_BUFFER} until it is whole: a node opens one. */
export const MAX_INBOUND_GOSSIP_STREAMS = 2

/**
 * Bytes of frames of gossip that have not come whole, of all peers together. Over it the connection that holds the most is closed: with a hundred
 * of them it has 320 KiB at least, five parcels.
 */
export const MAX_UNFINISHED_BYTES = 32 * 1024 * 1024

/** Streams one peer may have open to us over one connection, all protocols together (the muxer's default is 1,000). */
export const MAX_INBOUND_STREAMS = 32

/** Bytes a stream may have unread or unsent: gossipsub's own 4 MiB frame limit, never lower (a longer frame mutes a link). */
export const MAX_STREAM_BUFFER = 4 * 1024 * 1024

/**
 * Bytes of a parcel from which on mesh peers are told that it need not come again: telling each of six costs 80, so
 * of small ones the copies cost less.
 */
export const MIN_UNWANTED_BYTES = 4_096

/** Connections altogether; above it one of those goes that strangers have dialled. */
export const MAX_CONNECTIONS = 100

/** Those of one host that no stranger of another takes the place of: as many as gossip has neighbours, for all behind one NAT. */
export const UNDISPUTED_PER_HOST = 8

/** Connections a second from one host: a shelter's whole NAT wakes at once when the power is back. */
export const MAX_INBOUND_PER_HOST_AND_SECOND = 100

/** The same for one public address, where a second is enough for a home but not for a flood. */
export const MAX_INBOUND_PER_PUBLIC_HOST_AND_SECOND = 8

/** Public hosts whose rate is remembered; the oldest are forgotten first. */
export const MAX_RATED_HOSTS = 1024

/**
 * Connections that may be in the middle of their handshake. When there are so many, who comes from a host with fewer
 * takes the place of the oldest of a host with the most.
 */
export const MAX_PENDING_CONNECTIONS = 256

/** Those of one host, or of one public IPv6 prefix of 64 bits: a shelter that wakes at once, but not everything there is. */
export const MAX_PENDING_PER_HOST = 64

/** Milliseconds a connection to the port for WebSockets may take until it is one: as long as libp2p waits for each step after that. */
export const WEB_SOCKET_UPGRADE_MS = 10_000

/** Malformed or oversize parcels within the window after which a peer is cut off. */
export const MAX_OFFENCES = 100
/** Milliseconds in which they count. */
export const OFFENCE_WINDOW_MS = 60_000
/** Milliseconds such a peer stays out. */
export const DENY_MS = 600_000
/** Peers remembered as denied or offending; ids cost nothing, so the oldest are forgotten first. */
export const MAX_DENIED_PEERS = 1024

/** Milliseconds a connection may live without gossip streams in both directions before it is closed and dialled again. */
export const MUTED_AFTER_MS = 30_000
/** Milliseconds gossipsub gets to notice that a connection closed. */
export const GOSSIP_NOTICE_MS = 100
/** Milliseconds between two looks for such connections. */
export const GUARD_CHECK_MS = 5_000

/** Upper bound of the wait between two dials of one link, milliseconds. */
export const MAX_REDIAL_MS = 300_000
/** The first such bound; it doubles with each failure. */
export const MIN_REDIAL_MS = 1_000
/** Dials at once: more would fill a slow uplink with handshakes. */
export const MAX_PARALLEL_DIALS = 8
/** Peers dialled by hand whose links are kept up: more than a person types in. */
export const MAX_DIALLED_LINKS = 64
/** Addresses kept for one link: a device has a handful, an attacker's card might name thousands. */
export const MAX_LINK_ADDRESSES = 16

/** Topics a network may have: gossipsub drops long topic lists without a word. */
export const MAX_TOPICS = 64

/** Parcels a memory network remembers as seen, per node. */
export const MAX_SEEN_PARCELS = 16_384

/** Milliseconds for one address of a dial: a slow link's handshake, not the minutes TCP would wait. */
export const DIAL_ADDRESS_TIMEOUT_MS = 8_000

/** Milliseconds a connection must be older than a second one to the same peer before that is closed as superfluous. */
export const DUPLICATE_AGE_MS = 5_000

/** Value of a kept peer's tag: above what libp2p itself gives (50 for a bootstrap node), so it is pruned last. */
export const KEPT_PEER_VALUE = 100

/** Milliseconds a connection has at least to answer a probe after the device moved or slept: three round trips, if they take longer. */
export const MIN_PROBE_TIMEOUT_MS = 3_000
/** The same where it is not known yet how long they take. */
export const UNKNOWN_PROBE_TIMEOUT_MS = 10_000
/** The same at most: two of {@link PULSE_MS}, in each of which whoever is there says something. */
export const MAX_PROBE_TIMEOUT_MS = 20_000

/** Milliseconds between two questions to a connection whether it still answers. */
export const PULSE_MS = 10_000
/** Times that such a question may come due again before it is answered or anything else comes; then the connection is closed: on a lossy link five seconds are too short a wait. */
export const MAX_BEATS_UNANSWERED = 2

/** Milliseconds by which a timer must be late to show that the device slept. */
export const SLEEP_GAP_MS = 20_000

/** Milliseconds before the next address of a link is dialled beside the last: about a long round trip. */
export const DIAL_STAGGER_MS = 300

/** Relays a node names to be reached through: a place at each costs a link, and cards have room for a few. */
export const MAX_NAMED_RELAYS = 8

/** Peers that are reached through this node, as a relay: two thirds of {@link MAX_CONNECTIONS}, so that others find room who dial them. */
export const MAX_RESERVATIONS = 64
/** Milliseconds for which a peer is given a place at this relay; it asks again five minutes before. */
export const RESERVATION_MS = 7_200_000
/** Bytes of one relayed link, both ways together: what two people say in months, or a week's reconciliation of an island in two links. */
export const MAX_RELAYED_BYTES = 64 * 1024 * 1024
/** Milliseconds of one relayed link: after an hour it is dialled again within a second, directly if that works by then. */
export const MAX_RELAYED_MS = 3_600_000
/** Relayed links to one peer: of its {@link MAX_INBOUND_STREAMS} some are left for its talk with the relay itself. */
export const MAX_RELAYED_PER_MEMBER = 24
/** Relayed links from one peer, for the same reason. */
export const MAX_RELAYED_PER_DIALLER = 24
/** Milliseconds a request to this relay may take: a slow link's few round trips, with the other peer. */
export const RELAY_REQUEST_MS = 10_000
/** Milliseconds until a relay that had no place, or took it back, is asked again. */
export const RESERVE_AGAIN_MS = 30_000

/** Public addresses at which a node may say it is seen: one of each family. */
export const MAX_PUNCH_ENDPOINTS = 2
/** Attempts at a direct link between two who are behind NATs, at once: more would fill a router's table of connections. */
export const MAX_PUNCHES = 8
/** The lowest port from which they are made: those from here on are nobody's (RFC 6335). */
export const MIN_PUNCH_PORT = 49_152
/** Milliseconds of one attempt: TCP sends its first packet four times in them. */
export const PUNCH_MS = 8_000
/** Dials in it, where a router refuses them. */
export const PUNCH_TRIES = 4
/** Milliseconds between two of these. */
export const PUNCH_PAUSE_MS = 250
/** Milliseconds until the next attempt over the same link through a relay: then the other side may know whose node this is. */
export const MIN_PUNCH_AGAIN_MS = 5_000
/** The same at most; it doubles with each. */
export const MAX_PUNCH_AGAIN_MS = 3_600_000
