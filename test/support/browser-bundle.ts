import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { packageRoot } from './package-sources.js'

interface BundleOptions {
  readonly minify?: boolean
  readonly plugins?: Plugin[]
  /** `iife`: a classic script, which cannot wait at its top level. */
  readonly format?: 'esm' | 'iife'
}

/** A compiled file, and all that it imports, as one module for browsers: what a bundler makes of it for an app. */
export async function bundleForBrowsers(
  compiled: string,
  { minify = false, plugins = [], format = 'esm' }: BundleOptions = {}
): Promise<{ readonly text: string; readonly bytes: Uint8Array }> {
  const { outputFiles } = await build({
    entryPoints: [join(packageRoot, compiled)],
    bundle: true,
    format,
    platform: 'browser',
    minify,
    plugins,
    write: false,
    logLevel: 'silent'
  })
  const [{ text, contents } = { text: '', contents: new Uint8Array(0) }] = outputFiles
  return { text, bytes: contents }
}

/** The files that a page has once it has loaded a module with this text, where the bundler puts into files of their own what is imported later. */
export async function loadedWithPage(contents: string): Promise<string[]> {
  const { metafile } = await build({
    stdin: { contents, resolveDir: packageRoot, sourcefile: 'app.js' },
    absWorkingDir: packageRoot,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    outdir: 'page',
    metafile: true,
    write: false,
    logLevel: 'silent'
  })
  const files = Object.keys(metafile.outputs).filter(
    (file) => metafile.outputs[file]?.entryPoint === 'app.js'
  )
  for (const file of files) {
    const imports = metafile.outputs[file]?.imports ?? []
    const now = imports.filter(({ kind }) => kind === 'import-statement').map(({ path }) => path)
    files.push(...now.filter((path) => !files.includes(path)))
  }
  return files.flatMap((file) => Object.keys(metafile.outputs[file]?.inputs ?? {}))
}

/** What conformance suites take from Node, for a page: assertions, and the files of vectors that they read. */
export const nodeForSuites: Plugin = {
  name: 'node-for-suites',
  setup({ onResolve, onLoad }) {
    const assertions = join(packageRoot, 'dist/test/support/browser-assert.js')
    onResolve({ filter: /^node:assert\/strict$/ }, () => ({ path: assertions }))
    onResolve({ filter: /^node:(fs|path)$/ }, ({ path }) => ({ path, namespace: 'for-suites' }))
    // The package says that its files do nothing when they are loaded; specs do.
    onResolve({ filter: /\.spec\.js$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path),
      sideEffects: true
    }))
    onLoad({ filter: /fs$/, namespace: 'for-suites' }, () => ({ contents: vectorFiles() }))
    onLoad({ filter: /path$/, namespace: 'for-suites' }, () => ({
      contents: "export const resolve = (...parts) => parts.at(-1).split('/').at(-1)"
    }))
  }
}

/** A module that has the files of vectors, by their names without a folder. */
function vectorFiles(): string {
  const folder = join(packageRoot, 'test/vectors/rfc')
  const texts = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')])
  return `const texts = ${JSON.stringify(Object.fromEntries(texts))}
export const existsSync = () => false, readdirSync = () => [], readFileSync = (name) => texts[name]`
}
