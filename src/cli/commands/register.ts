import type { Command } from 'commander'
import type { Surroundings } from '../surroundings.js'
import { registerAccept } from './accept.js'
import { registerAdd } from './add.js'
import { registerBlock, registerUnblock } from './block.js'
import { registerCard } from './card.js'
import { registerChat } from './chat.js'
import { registerContacts } from './contacts.js'
import { registerDial } from './dial.js'
import { registerDoctor } from './doctor.js'
import { registerExport } from './export.js'
import { registerImport } from './import.js'
import { registerInit } from './init.js'
import { registerNode } from './node.js'
import { registerRead } from './read.js'
import { registerRemove } from './remove.js'
import { registerRename } from './rename.js'
import { registerSend } from './send.js'
import { registerStatus } from './status.js'
import { registerVerify } from './verify.js'
import { registerWipe } from './wipe.js'

/** Every command, in the order in which a newcomer needs them. */
export function registerCommands(program: Command, surroundings: Surroundings): void {
  registerInit(program, surroundings)
  registerCard(program, surroundings)
  registerAdd(program, surroundings)
  registerContacts(program, surroundings)
  registerVerify(program, surroundings)
  registerChat(program, surroundings)
  registerSend(program, surroundings)
  registerRead(program, surroundings)
  registerExport(program, surroundings)
  registerImport(program, surroundings)
  registerNode(program, surroundings)
  registerStatus(program, surroundings)
  registerDoctor(program, surroundings)
  registerDial(program, surroundings)
  registerRename(program, surroundings)
  registerBlock(program, surroundings)
  registerUnblock(program, surroundings)
  registerAccept(program, surroundings)
  registerRemove(program, surroundings)
  registerWipe(program, surroundings)
}
