import { writeFrozen } from './frozen-file.js'
import { frozenFiles } from './frozen-files.js'

// `npm run vectors`: see "Frozen vectors" in docs/protocol.md before a change of one is committed.
for (const file of frozenFiles) {
  writeFrozen(file)
  console.log(`test/vectors/${file.name}.json: ${String(file.generate().length)} cases`)
}
