import { importsOf, packageOf, targetsOf, type PackageJson, type SourceText } from './package-sources.js'

interface Layer {
  /** Layers it may import, besides itself; `layer/file.ts` or `layer/folder/` allows only that. */
  readonly layers: readonly string[]
  /** Packages it may import; `@scope/` allows the whole scope, `node:` every builtin module. */
  readonly packages: readonly string[]
}

/** The import table of the architecture: who may know whom. */
const table: Readonly<Record<string, Layer>> = {
  errors: { layers: [], packages: [] },
  clock: { layers: [], packages: [] },
  'on-abort': { layers: [], packages: [] },
  takes: { layers: ['codec', 'errors'], packages: [] },
  codec: { layers: [], packages: ['protons-runtime', 'uint8arraylist', 'uint8arrays', 'multiformats'] },
  crypto: { layers: ['codec', 'errors'], packages: ['@noble/'] },
  protocol: { layers: ['crypto', 'codec', 'errors'], packages: ['uint8arrays'] },
  storage: {
    layers: ['protocol', 'crypto', 'codec', 'errors', 'clock', 'takes'],
    packages: ['level', 'uint8arrays']
  },
  network: {
    layers: ['codec', 'errors', 'clock', 'on-abort', 'takes'],
    packages: []
  },
  messenger: {
    // The shape of a platform, not the platform: that one enters where a messenger is created.
    layers: [
      'network',
      'storage',
      'protocol',
      'crypto',
      'codec',
      'errors',
      'clock',
      'on-abort',
      'takes',
      'platform/platform.ts'
    ],
    packages: ['main-event', 'it-pushable', 'uint8arrays']
  },
  platform: { layers: ['crypto', 'codec', 'errors', 'clock'], packages: ['node:'] },
  library: {
    layers: [
      'messenger',
      'network',
      'storage',
      'protocol',
      'errors',
      'clock',
      'crypto/random.ts',
      'codec/ids.ts'
    ],
    packages: []
  },
  index: { layers: ['library', 'network/libp2p/session.ts'], packages: [] },
  // Whole messengers and what they are made of, in a world of their own.
  simulator: {
    layers: ['messenger', 'network', 'storage', 'protocol', 'crypto', 'codec', 'errors', 'clock', 'takes'],
    packages: []
  },
  cli: { layers: ['library'], packages: ['node:', 'commander', 'qr', 'jpeg-js', 'pngjs', '@ngraveio/bc-ur'] }
}

/** Single files and folders that may do more than their layer, each with its reason. */
const additions: Readonly<Record<string, Layer>> = {
  // Where Node's own cryptography is known; what of it runs in threads is of the platform.
  'src/crypto/backends/': { layers: [], packages: ['node:crypto'] },
  // Files of LevelDB that it cannot be asked about. Loaded through `#level-files` alone.
  'src/storage/level-files/node.ts': { layers: [], packages: ['node:'] },
  'src/storage/level-files/checksum.ts': { layers: [], packages: ['crc-32'] },
  // The adapter to js-libp2p: everything else in network/ is plain TypeScript.
  'src/network/libp2p/': {
    layers: ['platform/polyfill.ts'],
    packages: [
      'libp2p',
      '@libp2p/',
      '@chainsafe/',
      '@multiformats/',
      'multiformats',
      'it-',
      'main-event',
      'uint8arraylist'
    ]
  },
  // What only Node has: sockets, multicast, interfaces. Loaded through `#transports` alone.
  'src/network/libp2p/transports/node.ts': { layers: [], packages: ['node:'] },
  'src/network/libp2p/patches/web-socket-door.ts': { layers: [], packages: ['node:'] },
  'src/network/libp2p/transports/web-socket.ts': { layers: [], packages: ['ws'] },
  'src/network/libp2p/lan/': { layers: [], packages: ['node:'] },
  // The one place where the system's clock and randomness enter.
  'src/messenger/create-messenger.ts': { layers: ['platform'], packages: [] },
  // An application may pass its own libp2p node: a type, nothing is loaded.
  'src/messenger/options.ts': { layers: [], packages: ['@libp2p/interface'] },
  // And the settings for its gossipsub: a type again.
  'src/messenger/gossipsub-options.ts': { layers: [], packages: ['@libp2p/gossipsub'] },
  // What a command says to the one that has the store, as frames over a socket.
  'src/cli/control/': { layers: [], packages: ['main-event', 'it-length-prefixed', 'uint8arraylist'] }
}

/** The layer of a source file: its folder, or its own name beside `index.ts`. */
export function layerOf(path: string): string {
  const [, first = ''] = path.split('/')
  return first.replace(/\.ts$/, '')
}

/** Every import that the table does not allow, as one line each. */
export function forbiddenImports(
  sources: readonly SourceText[],
  conditions: PackageJson['imports']
): string[] {
  return sources.flatMap((source) => {
    const layer = layerOf(source.path)
    const own = table[layer]
    if (!own) return [`${source.path} is in no layer`]
    const allowed = [own, ...extras(source.path)]
    return importsOf(source)
      .filter(({ specifier }) => !isAllowed(source.path, specifier, layer, allowed, conditions))
      .map(({ specifier }) => `${source.path} must not import ${specifier}`)
  })
}

function extras(path: string): Layer[] {
  return Object.entries(additions)
    .filter(([prefix]) => path === prefix || (prefix.endsWith('/') && path.startsWith(prefix)))
    .map(([, layer]) => layer)
}

function isAllowed(
  path: string,
  specifier: string,
  own: string,
  allowed: readonly Layer[],
  conditions: PackageJson['imports']
): boolean {
  if (specifier.startsWith('.') && !specifier.endsWith('.js')) return false
  const targets = targetsOf(path, specifier, conditions)
  if (targets.length === 0) {
    const wanted = packageOf(specifier) ?? specifier
    return allowed.some(({ packages }) =>
      packages.some((name) => wanted === name || (/[/:-]$/.test(name) && wanted.startsWith(name)))
    )
  }
  const layers = [own, ...allowed.flatMap((layer) => layer.layers)]
  return targets.every(
    (target) =>
      target.startsWith('src/') &&
      layers.some((name) => (name.includes('/') ? target === `src/${name}` : layerOf(target) === name))
  )
}
