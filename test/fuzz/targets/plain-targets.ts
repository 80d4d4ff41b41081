import { CODE_P2P } from '@multiformats/multiaddr'
import { decodeParcel, encodeParcel, MAX_PARCEL_BYTES } from '../../../src/codec/parcel.js'
import { isScryptCost } from '../../../src/crypto/kdf.js'
import { sha256 } from '../../../src/crypto/hash.js'
import { isMessengerError, type ErrorCode } from '../../../src/errors.js'
import {
  ipOf,
  nearestFirst,
  parseAddress,
  peerOf,
  portOf,
  withoutPeer
} from '../../../src/network/libp2p/addresses.js'
import { reachOf } from '../../../src/network/libp2p/ip.js'

import { isPublicUnicast } from '../../../src/network/libp2p/ip.js'
import {
  decodeEndpoints,
  encodeEndpoints,
  endpointAt
} from '../../../src/network/libp2p/punching/endpoints.js'
import { MAX_PUNCH_ENDPOINTS } from '../../../src/network/limits.js'
import { BEACON_BYTES, decodeBeacon, encodeBeacon } from '../../../src/network/libp2p/lan/beacon.js'
import { pad, unpad } from '../../../src/protocol/envelope/padding.js'
import { decodeCardLink, encodeCardLink } from '../../../src/protocol/identity/card-link.js'
import { MAX_CARD_BYTES } from '../../../src/protocol/limits.js'
import { formatKeyFile, parseKeyFile } from '../../../src/storage/key-file.js'
import {
  decodeHeader,
  encodeHeader,
  unwrapMasterKey,
  type Unlock
} from '../../../src/storage/store-header.js'
import { joined, seeded } from '../../support/protocol-values.js'
import { utf8 } from '../../support/vectors.js'
import { DECODER_ALLOCATION, promise, promiseSame, scaleOf, type FuzzTarget } from '../target.js'

const random = seeded(0xf00d)
const text = new TextDecoder('utf-8', { ignoreBOM: true })

/** The result, or the code of the one kind of error that is allowed. */
export function resultOrCode<T>(run: () => T, codes: readonly ErrorCode[]): T | ErrorCode {
  try {
    return run()
  } catch (error) {
    if (isMessengerError(error) && codes.includes(error.code)) return error.code
    throw error
  }
}

const parcel: FuzzTarget = {
  name: 'parcel',
  weight: 100,
  samples: [[512], [512, 1024, 512], [0], Array<number>(128).fill(3)].map((sizes) =>
    encodeParcel(sizes.map(random), random(8)).slice()
  ),
  maxLength: MAX_PARCEL_BYTES + 64,
  maxAllocation: DECODER_ALLOCATION,
  run(input) {
    const envelopes = decodeParcel(input)
    if (envelopes === undefined) return 'refused'
    promise(input.length <= MAX_PARCEL_BYTES, 'a parcel is no longer than its bound')
    promise(envelopes.length >= 1 && envelopes.length <= 128, 'a parcel holds 1 to 128 envelopes')
    promise(
      envelopes.every(({ buffer }) => buffer === input.buffer),
      'envelopes are views'
    )
    promiseSame(encodeParcel(envelopes, input.subarray(1, 9)), input, 'a parcel has one encoding')
    return `taken: ${scaleOf(envelopes.length)}`
  }
}

const padding: FuzzTarget = {
  name: 'padding',
  weight: 40,
  samples: [pad(random(0), 1), pad(random(20), 60), pad(new Uint8Array(9), 200), new Uint8Array(40)],
  maxLength: 1024,
  maxAllocation: DECODER_ALLOCATION,
  run(input) {
    const content = unpad(input)
    if (content === undefined) return 'refused'
    promiseSame(pad(content, input.length), input, 'content of one length has one padding')
    return `taken: ${scaleOf(content.length)}`
  }
}

const beacon: FuzzTarget = {
  name: 'beacon',
  weight: 60,
  samples: [
    encodeBeacon({ networkTag: random(8), id: random(8), tcp: 4001, ws: 0 }),
    encodeBeacon({ networkTag: random(8), id: random(8), tcp: 0, ws: 65_535 })
  ],
  maxLength: 128,
  maxAllocation: DECODER_ALLOCATION,
  run(input) {
    const decoded = decodeBeacon(input)
    if (decoded === undefined) return 'refused'
    promise(input.length === BEACON_BYTES, 'a beacon has one length')
    promiseSame(encodeBeacon(decoded), input, 'a beacon has one encoding')
    return 'taken'
  }
}

const punchEndpoints: FuzzTarget = {
  name: 'punch-endpoints',
  weight: 40,
  samples: [
    encodeEndpoints([]),
    encodeEndpoints([endpointAt('203.0.113.9', 50_000)]),
    encodeEndpoints([endpointAt('203.0.113.9', 50_000), endpointAt('2001:db8::9', 1_024)])
  ],
  maxLength: 128,
  maxAllocation: DECODER_ALLOCATION,
  run(input) {
    const decoded = decodeEndpoints(input)
    if (decoded === undefined) return 'refused'
    promise(decoded.length <= MAX_PUNCH_ENDPOINTS, 'endpoints are few')
    for (const endpoint of decoded) {
      promise(isPublicUnicast(ipOf(endpoint) ?? ''), 'an endpoint is on the internet')
      promise((portOf(endpoint) ?? 0) >= 1_024, 'an endpoint is no service of a host')
    }
    promiseSame(encodeEndpoints(decoded), input, 'endpoints have one encoding')
    return 'taken'
  }
}

const cardLink: FuzzTarget = {
  name: 'card-link',
  weight: 60,
  samples: [1, 2, 3, 210, 1_800, MAX_CARD_BYTES].map((length) => utf8(encodeCardLink(random(length)))),
  maxLength: 6_000,
  maxAllocation: DECODER_ALLOCATION,
  run(input) {
    const link = text.decode(input)
    const card = decodeCardLink(link)
    if (card === undefined) return 'refused'
    promise(card.length >= 1 && card.length <= MAX_CARD_BYTES, 'a link holds at most a card')
    const plain = link.replace(/\s+/g, '')
    promise(encodeCardLink(card).slice(7) === plain.slice(7), 'a card has one link')
    return `taken: ${scaleOf(card.length)}`
  }
}

const address: FuzzTarget = {
  name: 'address',
  weight: 20,
  samples: [
    '/ip4/192.168.1.5/tcp/4001',
    '/ip6/fe80::1/tcp/4002/ws',
    '/ip6/::ffff:10.0.0.1/tcp/1/p2p/12D3KooWGrQy2JdXxHFvUFF3QqGRL2JGu4C3uQeQzA1c8P3UcNwh',
    '/dns4/example.org/tcp/443/wss',
    '/ip4/127.0.0.1/udp/4001/quic-v1'
  ].map(utf8),
  maxLength: 200,
  maxAllocation: DECODER_ALLOCATION,
  run(input) {
    const given = text.decode(input)
    peerOf(given)
    const parsed = resultOrCode(() => parseAddress(given), ['ADDRESS_INVALID'])
    if (typeof parsed === 'string') return parsed
    const ip = ipOf(parsed)
    const port = portOf(parsed)
    promise(port === undefined || (port >= 0 && port <= 0xffff), 'a port is a port')
    promise(nearestFirst(parsed, parsed) === 0, 'an address is as near as itself')
    const again = parseAddress(parsed.toString())
    promise(again.equals(parsed), 'an address is read as it is written')
    const peers = parsed.getComponents().filter(({ code }) => code === CODE_P2P).length
    promise(peers > 1 || peerOf(withoutPeer(parsed)) === undefined, 'without its peer an address names none')
    return `taken: ${ip === undefined ? 'no ip' : reachOf(ip)}`
  }
}

const keyFile: FuzzTarget = {
  name: 'key-file',
  weight: 40,
  samples: [
    utf8(formatKeyFile(random(32))),
    utf8(`\n# a\r\n${'0a'.repeat(16)}\n  ${'F'.repeat(32)}\n#`),
    utf8('#')
  ],
  maxLength: 400,
  maxAllocation: DECODER_ALLOCATION,
  run(input) {
    const key = resultOrCode(() => parseKeyFile(text.decode(input)), ['WRONG_KEY'])
    if (typeof key === 'string') return key
    promiseSame(parseKeyFile(formatKeyFile(key)), key, 'a key file is read as it is written')
    return 'taken'
  }
}

const STORE_KEY: Unlock = { kind: 'key', key: new Uint8Array(32).fill(9) }
const PASSPHRASE: Unlock = { kind: 'passphrase', passphrase: 'a' }
const COST = { N: 2, r: 1, p: 1 }
const CHECKSUM_BYTES = 8

const storeHeader: FuzzTarget = {
  name: 'store-header',
  weight: 40,
  samples: [STORE_KEY, PASSPHRASE].map((unlock) =>
    encodeHeader({ schema: 3, storeId: random(16) }, random(32), unlock, COST, random).slice()
  ),
  maxLength: 300,
  maxAllocation: DECODER_ALLOCATION,
  mend(input) {
    const fields = input.subarray(0, Math.max(0, input.length - CHECKSUM_BYTES))
    return joined(fields, sha256(fields).subarray(0, CHECKSUM_BYTES))
  },
  run(input) {
    const header = resultOrCode(() => decodeHeader(input), ['STORE_DAMAGED', 'STORE_TOO_NEW'])
    if (typeof header === 'string') return header
    const { derivation } = header
    promise(
      derivation.kind === 'key' || isScryptCost(derivation.cost),
      'a passphrase has a cost that is taken'
    )
    // Stretching is made to be slow: only what is as cheap as the samples.
    if (derivation.kind === 'passphrase' && derivation.cost.N * derivation.cost.r * derivation.cost.p > 64)
      return 'taken: dear'
    const unlock = derivation.kind === 'key' ? STORE_KEY : PASSPHRASE
    const key = resultOrCode(() => unwrapMasterKey(header, unlock), ['WRONG_KEY'])
    return `taken: ${derivation.kind}, ${typeof key === 'string' ? key : 'opened'}`
  }
}

/** Formats in which nothing is signed or sealed. */
export const plainTargets: readonly FuzzTarget[] = [
  parcel,
  padding,
  beacon,
  punchEndpoints,
  cardLink,
  address,
  keyFile,
  storeHeader
]
