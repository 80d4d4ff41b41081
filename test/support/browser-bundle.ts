import { join } from 'node:path'
import { build } from 'esbuild'
import { packageRoot } from './package-sources.js'

/** A compiled file, and all that it imports, as one module for browsers: what a bundler makes of it for an app. */
export async function bundleForBrowsers(
  compiled: string,
  { minify = false } = {}
): Promise<{ readonly text: string; readonly bytes: Uint8Array }> {
  const { outputFiles } = await build({
    entryPoints: [join(packageRoot, compiled)],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    minify,
    write: false,
    logLevel: 'silent'
  })
  const [{ text, contents } = { text: '', contents: new Uint8Array(0) }] = outputFiles
  return { text, bytes: contents }
}
