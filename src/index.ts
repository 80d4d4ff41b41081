// Who imports Hallig is about to talk, and would wait for libp2p then. The command line imports `library.js`: half of its commands only look into a store.
import './network/libp2p/session.js'

export * from './library.js'
