import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

/** What is smaller gains nothing. */
const WORTH_BYTES = 1024

/** Puts a `.br` and a `.gz` beside each script, so that the server sends them as they lie and compresses nothing. */
export function compressedAssets(): Plugin {
  return {
    name: 'skycrate:compressed-assets',
    apply: 'build',
    // From the files, not the bundle in memory, which other plugins may still change.
    writeBundle({ dir = 'dist' }, bundle) {
      for (const fileName of Object.keys(bundle)) {
        const path = join(dir, fileName)
        const source = readFileSync(path)
        if (!/\.(m?js|css)$/.test(fileName) || source.length < WORTH_BYTES) continue
        writeFileSync(`${path}.br`, brotliCompressSync(source, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }))
        writeFileSync(`${path}.gz`, gzipSync(source, { level: 9 }))
      }
    },
  }
}
