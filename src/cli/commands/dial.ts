import type { Command } from 'commander'
import { callOf } from '../call.js'
import { untilInterrupted } from '../interruption.js'
import type { Surroundings } from '../surroundings.js'
import { withMessenger } from '../with-messenger.js'

/** `hallig dial`: try whether a node answers at an address. */
export function registerDial(program: Command, surroundings: Surroundings): void {
  program
    .command('dial')
    .description('try whether a node answers at an address; to use it, give it to the others as --bootstrap')
    .argument('<address>', 'an address as `hallig node` there prints it, such as /ip4/192.168.1.5/tcp/4040')
    .action(async (address: string, _flags: object, command: Command) => {
      const call = callOf(command, surroundings)
      await withMessenger(call, 'online', async (messenger) => {
        await untilInterrupted(async (signal) => messenger.dial(address, { signal }))
        const { peers } = await messenger.status()
        call.output.print(`A node answers at ${address}.`, { address, reached: true, peers })
      })
    })
}
