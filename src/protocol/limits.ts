/**
 * Every bound of the protocol, with its unit and its reason. The network's own bounds (links, streams, sockets) stand in
 * `network/limits.ts`.
 */

const SECOND = 1000
const DAY = 24 * 60 * 60 * SECOND

/** ms in a day: envelopes expire by the day, so that the expiry says little about the moment of sending. */
export const DAY_MS = DAY

// --- envelopes -----------------------------------------------------------------------------------------------------

/** Smallest envelope, bytes: a short text with its keys fits; every larger size is this one doubled. */
export const MIN_ENVELOPE_BYTES = 512
/** Largest envelope, bytes: half a parcel. Larger content is an attachment. */
export const MAX_ENVELOPE_BYTES = 32_768
/** Longest life of an envelope, days: what a stick carried by hand may need. */
export const MAX_LIFETIME_DAYS = 28
/** Life of an envelope unless a message asks for another, days. */
export const DEFAULT_LIFETIME_DAYS = 7
/** Days by which a clock may be wrong before an honest envelope counts as expired or as living too long. */
export const CLOCK_TOLERANCE_DAYS = 1
/** A clock before this day (2024), days since 1970, is wrong: there was no such protocol. What it wrote is dated anew, and nothing by it. */
export const EARLIEST_DAY = 19_723
/** Proof of work of an open hello, leading zero bits of a SHA-256: about a second for a person, dear for a flood. */
export const PROOF_OF_WORK_BITS = 20

// --- content -------------------------------------------------------------------------------------------------------

/** Largest content of one message, bytes: what still fits the largest envelope inside a hello. */
export const MAX_CONTENT_BYTES = 30_720
/** Longest media type, bytes. */
export const MAX_MEDIA_TYPE_BYTES = 128
/** Longest name of a person, bytes of UTF-8. */
export const MAX_NAME_BYTES = 64
/** Addresses in a card or profile: two interfaces of two transports, with some room. */
export const MAX_ADDRESSES = 8
/** Addresses in a short card, so that its QR code stays comfortable. */
export const MAX_SHORT_CARD_ADDRESSES = 2
/** Longest address, bytes. */
export const MAX_ADDRESS_BYTES = 160
/** Messages in one envelope: as many small ones as fill the largest. */
export const MAX_BODIES = 128
/** Parents named by one message: more concurrent heads than two people and their devices make. */
export const MAX_PARENTS = 8
/** By how much a message may advance a conversation's clock: more than all messages that may be missing before it. */
export const MAX_CLOCK_JUMP = 100_000
/** Streams (incarnations of the author) whose receipts and duplicates are kept per contact. */
export const MAX_STREAMS = 8
/** Gaps kept in one stream's set of received numbers: a sender has at most this many unacknowledged. */
export const MAX_RANGES = 1_024
/** Ranges in one receipt on the wire, so that it shares an envelope; the oldest go first. */
export const MAX_RECEIPT_RANGES = 64

// --- ratchet -------------------------------------------------------------------------------------------------------

/** Skipped message keys kept per session: everything a sender may have under way, with the same again. */
export const MAX_SKIPPED_PER_SESSION = 2_000
/** Skipped message keys kept per contact over all sessions. */
export const MAX_SKIPPED_PER_CONTACT = 4_000
/** Life of a skipped message key, ms: longer than two lives of an envelope; then its secret is a risk only. */
export const SKIPPED_KEY_LIFETIME = 60 * DAY
/** Messages expected in a new receiving chain: in a conversation that alternates, each turn costs this many tags. */
export const NEXT_TAG_WINDOW = 64
/** Messages expected ahead in a chain that has grown long: more than one round of processing takes in. */
export const TAG_WINDOW = 256
/** Largest window, and so the largest forward jump: twice what a sender may have unacknowledged. */
export const MAX_TAG_WINDOW = 2_000
/** Messages a sender may have sealed and unacknowledged with one contact; more wait unsealed. Half of what a receiver can skip. */
export const MAX_UNACKNOWLEDGED = 1_000
/** Of these, those that only emergencies may take, so that there is room for them when nothing else moves. */
export const EMERGENCY_RESERVE = 50
/** Of what waits before an emergency, every so many go ahead with it: a recipient recognises no further in a new chain than twice that. */
export const EMERGENCY_STRIDE = NEXT_TAG_WINDOW / 2

// --- post-quantum ratchet ------------------------------------------------------------------------------------------

/** Messages of a session, sent and received, after which another ML-KEM key is offered: an exchange takes about ten of them. */
export const PQ_EPOCH_MESSAGES = 50
/** Time after which one is offered in a session that says less, ms: for about so long does a stolen state matter. */
export const PQ_EPOCH_INTERVAL = 7 * DAY
/** The last epoch of a session, for its number has 16 bits: three million messages; then its key stays. */
export const MAX_PQ_EPOCH = 65_535

// --- sessions ------------------------------------------------------------------------------------------------------

/** Sessions kept per contact; the oldest go first. */
export const MAX_SESSIONS_PER_CONTACT = 8
/** How long a session that is no longer used for sending can still receive, ms. */
export const SESSION_LIFETIME = 60 * DAY
/** Messages of an invited session that travel as hellos before a reply; further ones rely on one of these. Tags known per invite. */
export const MAX_INVITED_HELLOS = 64
/** Messages of an open session that travel as hellos: each costs a proof of work. */
export const MAX_OPEN_HELLOS = 1
/** Highest generation of a session: far above what anybody begins, and below what would wrap. */
export const MAX_GENERATION = 2 ** 31
/** An unanswered session is replaced after this time, ms: its hellos have expired. */
export const HANDSHAKE_LIFETIME = DEFAULT_LIFETIME_DAYS * DAY

// --- prekeys and cards ---------------------------------------------------------------------------------------------

/** Length of a prekey epoch, seconds: a week of one calendar for everyone, so that naming it names nobody. */
export const EPOCH_SECONDS = 604_800
/** Signed prekeys in a bundle: four weekly epochs cover its life. */
export const BUNDLE_EPOCHS = 4
/** Life of a bundle, ms. */
export const BUNDLE_LIFETIME = 28 * DAY
/** Life of the ML-KEM prekey, ms. */
export const KEM_PREKEY_LIFETIME = 28 * DAY
/**
 * Signed prekeys kept of one epoch, the newest: more than one only after the incarnation was renewed. An open hello
 * costs a Diffie-Hellman with each.
 */
export const MAX_PREKEYS_PER_EPOCH = 4
/** How long a private prekey is kept after its epoch or life, ms: hellos sealed to it may still be on their way. */
export const PREKEY_RETENTION = 60 * DAY
/** Largest encoded bundle, bytes. */
export const MAX_BUNDLE_BYTES = 2_048
/** Bundles kept per record id in the cache: an attacker who knows the identity can plant, but not crowd out for good. */
export const MAX_BUNDLE_CANDIDATES = 4
/** Record ids in the cache of strangers' bundles: 3 MiB with one bundle each, 17 MiB if every id holds as many as it may. */
export const MAX_CACHED_BUNDLES = 2_048
/** Bundle records of one peer kept per hour: each is a write. */
export const MAX_OFFERS_PER_HOUR = 32
/** Peers whose offers are counted; with more, counting starts anew. */
export const MAX_COUNTED_PEERS = 1_000
/** Record ids asked for in one request. */
export const MAX_BUNDLE_WANTS = 16
/** Longest life of a card, ms. */
export const MAX_CARD_LIFETIME = 30 * DAY
/** Largest encoded card, bytes: a full card with its addresses. */
export const MAX_CARD_BYTES = 4_096
/** Cards handed out and not used yet; each costs {@link MAX_INVITED_HELLOS} tags. */
export const MAX_OPEN_INVITES = 256

// --- the node ------------------------------------------------------------------------------------------------------

/** People who wrote with an open hello and were not added here: strangers cannot fill the store. */
export const MAX_UNADDED_CONTACTS = 1_000
/** Unread messages kept of a stranger: enough to say who one is and why; more are not acknowledged. */
export const MAX_STRANGER_MESSAGES = 20
/** Emergencies of one contact that count within {@link EMERGENCY_PERIOD}; more are shown as urgent: an alarm that never ends is none. */
export const MAX_EMERGENCIES = 10
/** The time in which they are counted, ms. */
export const EMERGENCY_PERIOD = 60 * 60 * SECOND
/** Messages waiting for one contact: a month of a busy pair; more is a program gone wrong. */
export const MAX_OUTBOX = 100_000
/** Hashes of received envelopes kept to answer repeats: 2 MB. */
export const MAX_SEEN = 65_536
/** Envelopes waiting to be opened, bytes: a flood is dropped here, honest ones come again. */
export const MAX_INBOUND_QUEUE_BYTES = 16 * 1024 * 1024
/** Envelopes opened before their commit: half a tag window, so that the window always reaches past a round. */
export const MAX_INBOUND_ROUND = 128
/** Open hellos tried per second: each costs a Diffie-Hellman; the burst is as large. */
export const MAX_OPEN_HELLOS_PER_SECOND = 50

/** Smallest budget of an hour, bytes: with less, what is kept back for emergencies would not hold one. */
export const MIN_BUDGET = 65_536
/** Share of the budget that what is done for others may use; what is one's own may use that, too. */
export const FOREIGN_BUDGET = 0.5
/** Share up to which routine messages go out. */
export const ROUTINE_BUDGET = 0.7
/** Share up to which urgent ones do. */
export const URGENT_BUDGET = 0.8
/** Share up to which receipts do: without them others repeat. The rest is for emergencies. */
export const RECEIPT_BUDGET = 0.9

/** Largest frame of a reconciliation, bytes: what a direct stream carries at once, one largest envelope and more. */
export const MAX_SYNC_FRAME = 60 * 1024
/** Smallest frame a side may be held to, bytes: one split of a range always fits. */
export const MIN_SYNC_FRAME = 4096
/** Ranges in one reconciliation message: bounds the work of answering it. */
export const MAX_SYNC_RANGES = 256
/** Parts a range with differences is split into. */
export const SYNC_BRANCHES = 16
/** Room for envelopes of others unless the app says otherwise, bytes: half a million of the smallest. */
export const MAILBOX_QUOTA = 256 * 1024 * 1024
/** Share of the mailbox above which one source's envelopes make room first. */
export const SOURCE_SHARE = 0.25
/** Share of the mailbox above which strangers' envelopes make room before others. */
export const STRANGER_SHARE = 0.05
/** Envelopes of others that were let go or never kept, and whose ids stay known; strangers' that expire soonest are forgotten first: some 70 MB. */
export const MAX_KNOWN = 262_144
/** Envelopes known to have arrived that are refused until they expire; the soonest to expire are forgotten first: 30 MB. */
export const MAX_PURGED = 131_072
/** Least wait before others learn that an envelope has arrived, ms: it tells that somebody here received something. */
export const MIN_RELEASE_WAIT = 60_000
/** The longest such wait, ms: carriers keep for so long what is of no use. */
export const MAX_RELEASE_WAIT = 1_800_000

/** Messages of one session in which sets are compared; what is left is compared in the next. */
export const MAX_SYNC_ROUNDS = 64
/** Ids each side may name in one session: 5 MB. */
export const MAX_SYNC_NAMED = 32_768
/** Envelopes asked for and not given yet: what a peer may make this node remember and look up. */
export const MAX_SYNC_ASKED = 1_024
/** Bytes of envelopes under way in one session before the taker has stored some: streams hold no sender back. */
export const SYNC_CREDIT = 256 * 1024
/** Sessions at once with peers that are no nodes of contacts; a peer has one at most. Each may take some megabytes. */
export const MAX_SYNC_SESSIONS = 8
/** Bytes of envelopes given to one peer that is no contact's, within a minute: others are to be served too. */
export const STRANGER_BUDGET = 4 * 1024 * 1024
/** How long a side of a session may say nothing, ms, before the stream is given up. */
export const SYNC_SILENCE = 10_000
/** The same while envelopes are under way: one of the largest over a link of a kilobyte a second. */
export const SYNC_TRANSFER_SILENCE = 45_000
/** How long a side of a session may leave unread what it is told, ms: all that may be under way, over a link of a kilobyte a second. */
export const SYNC_UNREAD = 300_000
/** How long a session with a peer that is no contact's may last, ms, while another waits for its place: the next goes on where it was. */
export const SYNC_TURN = 60_000
/** Between two sessions with each linked node of a contact, ms. */
export const SYNC_CONTACTS = 60_000
/** Between two rounds of sessions with some other linked peers, ms. */
export const SYNC_OTHERS = 300_000
/** How many those are: with most of them silent or hostile, one is not. */
export const SYNC_OTHERS_COUNT = 3
/** With a peer to whom nothing new could be said, the same, ms: it may have lost what it had. */
export const SYNC_UNCHANGED = 21_600_000
/** Every so many sessions have a salt. */
export const SYNC_SALT_EVERY = 8
/** Ids hashed within a minute for all sessions with a salt that strangers open, or one session's: about a second of the processor's time. */
export const SYNC_SALTED_ITEMS = 262_144
/** Items of a range that is listed instead of split: about what the fingerprints of a split would take. */
export const MAX_SYNC_LIST = 32

/** Bytes of envelopes in one frame of a file, unless one alone is larger: what one damaged place of a stick costs. */
export const FILE_FRAME = 16 * 1024
/** Bytes of envelopes of a file taken in with one commit. */
export const FILE_BATCH = 512 * 1024
