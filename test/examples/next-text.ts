import type { Messenger } from '../../src/index.js'

/** The text of the next message that somebody receives. */
export function nextText(messenger: Messenger): Promise<string> {
  return new Promise((resolve) => {
    messenger.addEventListener(
      'message:receive',
      ({ detail: { content } }) => {
        resolve(content.kind === 'text' ? content.text : content.mediaType)
      },
      { once: true }
    )
  })
}
