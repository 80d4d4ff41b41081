/** Why something that came from outside was refused. A value, never an exception. */
export interface Rejected<Reason extends string> {
  readonly kind: 'rejected'
  readonly reason: Reason
}

export function reject<Reason extends string>(reason: Reason): Rejected<Reason> {
  return { kind: 'rejected', reason }
}
