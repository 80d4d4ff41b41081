/** Obeys the spec of `Child`: says what it is told to say, fails, falls silent or ends. */
process.on('message', (order: { readonly kind: string; readonly text?: string }) => {
  if (order.kind === 'say') process.send?.({ kind: 'said', text: order.text })
  else if (order.kind === 'fail') process.send?.({ kind: 'failed', reason: 'it was told to' })
  else if (order.kind === 'throw') throw new Error('thrown in the child')
  else if (order.kind === 'leave') process.disconnect()
})
