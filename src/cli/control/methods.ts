import type { ExportOptions, ExportReport, ImportReport, Messenger, SyncReport } from '../../library.js'

type Identity = Messenger['identity']
type Contacts = Messenger['contacts']
type Conversations = Messenger['conversations']
type HistoryOptions = Omit<NonNullable<Parameters<Conversations['messages']>[1]>, 'signal'>

/** What a command may ask of the one that has the store; nothing else of a messenger is to be had from outside. */
export interface ControlMethods {
  'identity.card': Identity['card']
  'identity.rename': Identity['rename']
  'contacts.add': Contacts['add']
  'contacts.get': Contacts['get']
  'contacts.list': Contacts['list']
  'contacts.rename': Contacts['rename']
  'contacts.safetyNumber': Contacts['safetyNumber']
  'contacts.verify': Contacts['verify']
  'contacts.block': Contacts['block']
  'contacts.acceptChange': Contacts['acceptChange']
  'contacts.remove': Contacts['remove']
  'conversations.direct': Conversations['direct']
  'conversations.get': Conversations['get']
  'conversations.list': Conversations['list']
  'conversations.markRead': Conversations['markRead']
  /** Opens a stream of messages under the number given first. */
  'conversations.messages': (
    stream: number,
    id: Parameters<Conversations['messages']>[0],
    options: HistoryOptions
  ) => Promise<void>
  send: Messenger['send']
  dial: Messenger['dial']
  sync: () => Promise<SyncReport>
  /** The file can be drawn from the stream of this number meanwhile. */
  exportParcels: (
    stream: number,
    options: Pick<ExportOptions, 'contactId' | 'maxBytes'>
  ) => Promise<ExportReport>
  /** Draws the file from the stream of this number. */
  importParcels: (stream: number) => Promise<ImportReport>
  status: Messenger['status']
  /** From now on be told of the events of this name. */
  listen: (name: string) => Promise<void>
  /** The next piece of a stream, in a list; an empty one at the end. */
  next: (stream: number) => Promise<readonly unknown[]>
  /** No more of a stream is wanted. */
  end: (stream: number) => Promise<void>
}
