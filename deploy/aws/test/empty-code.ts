import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** A folder in place of the packed functions, whose content no template depends on but for its hash. */
export function emptyCode(outdir: string): string {
  const code = join(outdir, 'code')
  mkdirSync(code, { recursive: true })
  return code
}
