// Who imports Hallig is about to talk, and would wait for libp2p then; in a page there may be no network any more that brings it.
// The command line imports `library.js`: half of its commands only look into a store.
import './network/libp2p/session.js'

export * from './library.js'
