import { UR, URDecoder, UREncoder } from '@ngraveio/bc-ur'

/** Type of the uniform resource (BCR-2020-005): short, as every frame names it. */
const TYPE = 'hallig'
/** Smallest last fragment that the encoder may make, bytes. */
const MIN_FRAGMENT = 10
/** Fragments of one animation at most; far more than the largest export makes. */
const MAX_FRAGMENTS = 1024
/** Longest frame, characters: what the largest QR code holds. */
const MAX_FRAME = 4296
/** Animations collected at the same time: a folder may hold frames of an older one. */
const MAX_ANIMATIONS = 8

/** An animation without end: every frame is another part, and any that are enough give the whole. */
export interface Animation {
  /** Frames that are enough if none is lost. */
  readonly fragments: number
  /** The next frame: text of digits, capitals and a few signs, the densest a QR code has. */
  next(): string
}

/** Cut bytes into frames, each of at most `fragment` bytes of them: Multipart UR (BCR-2024-001). */
export function animate(bytes: Uint8Array, fragment: number): Animation {
  const { cbor } = UR.fromBuffer(Buffer.from(bytes))
  const encoder = new UREncoder(new UR(cbor, TYPE), fragment, 0, Math.min(MIN_FRAGMENT, fragment))
  return { fragments: encoder.fragmentsLength, next: () => encoder.nextPart().toUpperCase() }
}

/** Collects frames in any order until they give the whole, of whichever animation comes first. */
export class FrameCollector {
  readonly #decoders: URDecoder[] = []
  readonly #frames = new Set<string>()
  #result: Uint8Array | undefined

  /** What was animated, once enough frames are there. */
  get result(): Uint8Array | undefined {
    return this.#result
  }

  /** How many different frames were taken. */
  get frames(): number {
    return this.#frames.size
  }

  /** How much is there of the animation that is nearest to its whole, 0 to 1. */
  get share(): number {
    return Math.max(0, ...this.#decoders.map((decoder) => decoder.estimatedPercentComplete()))
  }

  /** Take a frame; `false` if it is none of ours, or damaged. */
  add(frame: string): boolean {
    const text = frame.trim().toLowerCase()
    if (!isFrame(text)) return false
    if (this.#result !== undefined || this.#frames.has(text)) return true
    if (!this.#decoders.some((decoder) => this.#receive(decoder, text)) && !this.#begin(text)) return false
    this.#frames.add(text)
    return true
  }

  /** Take a frame for the first of another animation. */
  #begin(text: string): boolean {
    if (this.#decoders.length >= MAX_ANIMATIONS) return false
    const decoder = new URDecoder()
    if (!this.#receive(decoder, text)) return false
    this.#decoders.push(decoder)
    return true
  }

  #receive(decoder: URDecoder, text: string): boolean {
    try {
      if (!decoder.receivePart(text)) return false
      if (decoder.isSuccess()) this.#result = bytesOf(decoder.resultUR())
    } catch {
      // The library throws at what it cannot read.
      return false
    }
    return true
  }
}

function isFrame(text: string): boolean {
  if (text.length > MAX_FRAME) return false
  const [, fragments] = /^ur:hallig\/(?:\d{1,9}-(\d{1,9})\/)?[a-z]+$/.exec(text) ?? []
  return fragments === undefined ? text.startsWith(`ur:${TYPE}/`) : Number(fragments) <= MAX_FRAGMENTS
}

function bytesOf(ur: UR): Uint8Array | undefined {
  const value: unknown = ur.decodeCBOR()
  return value instanceof Uint8Array ? Uint8Array.from(value) : undefined
}
