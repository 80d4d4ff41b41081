import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import type { LocalAddress } from './local-addresses.js'

/** UDP port of beacons, from the unassigned range. */
export const LAN_PORT = 42_553
/** IPv4 group of beacons: administratively scoped (RFC 2365), so it never leaves a site. */
export const LAN_GROUP_4 = '239.255.42.53'
/** IPv6 group of beacons, link-local scope. */
export const LAN_GROUP_6 = 'ff02::4861:6c6c'

export interface LanSocketsOptions {
  readonly onDatagram: (datagram: Uint8Array, ip: string) => void
  readonly onError: (error: Error) => void
}

interface Receiver {
  readonly socket: Socket
  readonly family: 4 | 6
  bound: boolean
  /** Keys of the addresses on whose interface the socket is a member of the group. */
  readonly joined: Set<string>
}

interface Sender {
  readonly socket: Socket
  readonly address: LocalAddress
}

/**
 * One sending socket for each interface address, so that beacons leave where no route leads and carry that address as
 * their source; one receiving socket per family, a member of the group on every interface. The failure of one socket
 * does not touch the others; what failed is tried again at the next `update`.
 */
export class LanSockets {
  readonly #options: LanSocketsOptions
  readonly #receivers = new Map<4 | 6, Receiver>()
  readonly #senders = new Map<string, Sender>()
  #addresses: ReadonlyMap<string, LocalAddress> = new Map()

  constructor(options: LanSocketsOptions) {
    this.#options = options
  }

  /** The addresses beacons leave from now. */
  get interfaces(): readonly string[] {
    return [...this.#senders.values()].map(({ address }) => address.ip)
  }

  /** Open, join and close what the device's addresses ask for now. */
  update(addresses: readonly LocalAddress[]): void {
    this.#addresses = new Map(addresses.map((address) => [keyOf(address), address]))
    for (const [key, sender] of this.#senders) if (!this.#addresses.has(key)) this.#closeSender(key, sender)
    for (const [key, address] of this.#addresses) if (!this.#senders.has(key)) this.#openSender(key, address)
    for (const family of new Set(addresses.map((address) => address.family))) {
      const receiver = this.#receivers.get(family) ?? this.#openReceiver(family)
      if (receiver.bound) this.#join(receiver)
    }
  }

  /** Send one datagram from every address, to the group and to the subnet. */
  send(datagramFor: (family: 4 | 6) => Uint8Array): void {
    for (const [key, sender] of this.#senders) {
      const { socket, address } = sender
      const datagram = datagramFor(address.family)
      for (const target of targetsOf(address)) {
        socket.send(datagram, LAN_PORT, target, (error) => {
          if (error !== null && this.#senders.get(key) === sender) this.#failSender(key, sender, error)
        })
      }
    }
  }

  async close(): Promise<void> {
    const sockets = [...this.#senders.values(), ...this.#receivers.values()].map(({ socket }) => socket)
    this.#senders.clear()
    this.#receivers.clear()
    await Promise.all(sockets.map(closed))
  }

  #openSender(key: string, address: LocalAddress): void {
    const socket = createSocket({ type: address.family === 6 ? 'udp6' : 'udp4' })
    const sender = { socket, address }
    this.#senders.set(key, sender)
    socket.on('error', (error) => {
      this.#failSender(key, sender, error)
    })
    socket.on('listening', () => {
      this.#attempt(() => {
        if (address.family === 4) socket.setBroadcast(true)
        socket.setMulticastInterface(interfaceOf(address))
        socket.setMulticastTTL(1)
        socket.setMulticastLoopback(true)
      })
    })
    socket.bind({ address: address.ip, port: 0 })
  }

  /** An address that cannot send may be gone, and the group's membership on its interface with it: both are made anew. */
  #failSender(key: string, sender: Sender, error: Error): void {
    if (this.#senders.get(key) === sender) this.#closeSender(key, sender)
    this.#options.onError(error)
  }

  #closeSender(key: string, { socket, address }: Sender): void {
    this.#senders.delete(key)
    this.#receivers.get(address.family)?.joined.delete(key)
    void closed(socket)
  }

  #openReceiver(family: 4 | 6): Receiver {
    const type = family === 6 ? 'udp6' : 'udp4'
    // Several nodes of one device listen on the same port.
    const socket = createSocket({ type, reuseAddr: true, ipv6Only: family === 6 })
    const receiver: Receiver = { socket, family, bound: false, joined: new Set() }
    this.#receivers.set(family, receiver)
    socket.on('error', (error) => {
      if (this.#receivers.get(family) === receiver) this.#receivers.delete(family)
      void closed(socket)
      this.#options.onError(error)
    })
    socket.on('message', (datagram, { address }) => {
      this.#options.onDatagram(datagram, address.split('%')[0] ?? address)
    })
    socket.on('listening', () => {
      receiver.bound = true
      this.#join(receiver)
    })
    socket.bind({ port: LAN_PORT })
    return receiver
  }

  #join({ socket, family, joined }: Receiver): void {
    for (const key of joined) if (!this.#addresses.has(key)) joined.delete(key)
    for (const [key, address] of this.#addresses) {
      if (address.family !== family || joined.has(key)) continue
      joined.add(key)
      this.#attempt(() => {
        socket.addMembership(family === 6 ? LAN_GROUP_6 : LAN_GROUP_4, interfaceOf(address))
      })
    }
  }

  /** Socket options fail at once, by throwing. */
  #attempt(configure: () => void): void {
    try {
      configure()
    } catch (error) {
      // A second address of one interface finds it a member already.
      const isMember = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
      if (!isMember) this.#options.onError(error instanceof Error ? error : new Error(String(error)))
    }
  }
}

function keyOf({ zone, ip }: LocalAddress): string {
  return `${zone} ${ip}`
}

function interfaceOf({ family, zone, ip }: LocalAddress): string {
  return family === 6 ? `::%${zone}` : ip
}

function targetsOf({ family, zone, broadcast }: LocalAddress): readonly string[] {
  if (family === 6) return [`${LAN_GROUP_6}%${zone}`]
  return broadcast === undefined ? [LAN_GROUP_4] : [LAN_GROUP_4, broadcast]
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => {
      resolve()
    })
    socket.close()
  })
}
