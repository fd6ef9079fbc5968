import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

/** The TypeScript client as it is published, unpacked into a folder of its own. */
export interface ClientPackage extends AsyncDisposable {
  readonly folder: string
  /** One of its modules, such as `client`. */
  load<T>(name: string): Promise<T>
}

export async function packedClient(): Promise<ClientPackage> {
  const out = await mkdtemp(join(tmpdir(), 'skycrate-client-'))
  const script = fileURLToPath(new URL('../scripts/pack-client.ts', import.meta.url))
  await promisify(execFile)(process.execPath, [script, out], { timeout: 120_000 })
  const folder = join(out, 'package')
  return {
    folder,
    load: (name) => import(pathToFileURL(join(folder, 'dist', `${name}.js`)).href),
    [Symbol.asyncDispose]: () => rm(out, { recursive: true, force: true }),
  }
}
