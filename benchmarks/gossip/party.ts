/** One end of a pair that exchanges 512-byte messages in one of the compared ways. */
export interface Party {
  /** What the other end needs to find this one and write to it. */
  invitation(): Promise<string>
  /** Link to the end that gave this invitation. */
  meet(invitation: string): Promise<void>
  /** Send one message; resolves when it has left, or is safely on its way. */
  send(text: string): Promise<void>
  close(): Promise<void>
}

export interface PartyEvents {
  /** A message of the other end is here. */
  readonly onArrival: (text: string) => void
  /** The other end has confirmed a message of ours; without receipts never called. */
  readonly onReceipt: (text: string) => void
}
