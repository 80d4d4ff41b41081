const SENTENCES = [
  'The tide stands at the third step of the mound.',
  'Sheep and hay are dry; the cellar is not.',
  'The ferry stays in Schlüttsiel tonight.',
  'Storm warning lifted, wind from the northwest at eight.',
  'We lit the lamp in the gable; can you see it?',
  'Bread for two days, water for five.',
  'The lorry line to Lüttmoorsiel is under water.',
  'All of us are well on the warft.'
]

/** What crosses the water. */
export const LETTER = 'Dora, the doctor is with you. Have you insulin to spare?'
export const ANSWER = 'Two boxes, kept cool. They come with the first boat.'

/** Every so often somebody has more to say, which takes a larger envelope. */
const LONG_EVERY = 25
const LONG_SENTENCES = 16

/** The text of somebody's message `number`: it names its number, so that a reader can tell what is missing. */
export function textOf(number: number): string {
  const first = number % SENTENCES.length
  const count = number % LONG_EVERY === 0 ? LONG_SENTENCES : 1
  const said = Array.from({ length: count }, (_, index) => SENTENCES[(first + index) % SENTENCES.length])
  return numbered(number, said.join(' '))
}

/** The texts of somebody's messages from one number to another, both among them. */
export function textsOf(from: number, to: number): string[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => textOf(from + index))
}

export function numbered(number: number, text: string): string {
  return `#${number} ${text}`
}

/** The number in a text, or 0 if it has none. */
export function numberIn(text: string): number {
  return Number(/^#(\d+) /.exec(text)?.[1] ?? 0)
}

/** Everything that is ever said, for an eavesdropper to look for. */
export function allSentences(): readonly string[] {
  return [...SENTENCES, LETTER, ANSWER]
}
