import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { writeDurableFile } from '../durable-file.ts'
import { KEY_BYTES, VERSION_ID_BYTES } from './wrapped-key.ts'

/** One key and its versions: the active one seals, every one opens. */
export interface KeyVersions {
  /** Id of the version that seals. */
  readonly active: string
  /** Id (16 hex digits) to key (64 hex digits). */
  readonly keys: Readonly<Record<string, string>>
}

/** The key file: the store's own key, and those that requests call by name. */
export interface KeyFile extends KeyVersions {
  readonly named?: Readonly<Record<string, KeyVersions>>
}

/** A key may be called what AWS calls keys and aliases, and by their ARNs. */
const NAME = /^[A-Za-z0-9:/_.+=@-]{1,256}$/

const isKeyVersions = (value: unknown): value is KeyVersions => {
  if (typeof value !== 'object' || value === null) return false
  const { active, keys } = value as Partial<KeyVersions>
  if (typeof active !== 'string' || typeof keys !== 'object' || keys === null || !Object.hasOwn(keys, active)) {
    return false
  }
  return Object.entries(keys).every(([id, key]) => /^[0-9a-f]{16}$/.test(id) && /^[0-9a-f]{64}$/.test(key))
}

const isKeyFile = (value: unknown): value is KeyFile => {
  if (!isKeyVersions(value)) return false
  const { named } = value as Partial<KeyFile>
  if (named === undefined) return true
  if (typeof named !== 'object' || named === null) return false
  return Object.entries(named).every(([name, versions]) => NAME.test(name) && isKeyVersions(versions))
}

const makeVersion = (): KeyVersions => {
  const id = randomBytes(VERSION_ID_BYTES).toString('hex')
  return { active: id, keys: { [id]: randomBytes(KEY_BYTES).toString('hex') } }
}

/** @throws Error when it is damaged; undefined when there is none */
export const readKeyFile = async (path: string): Promise<KeyFile | undefined> => {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    parsed = undefined
  }
  if (!isKeyFile(parsed)) {
    throw new Error(`The key file ${path} is damaged; without it encrypted objects can't be read.`)
  }
  return parsed
}

/** Writes the file (mode 0600); after a crash either the old or the new one is there. */
export const writeKeyFile = (path: string, file: KeyFile): Promise<void> =>
  writeDurableFile(path, `${JSON.stringify(file, undefined, 2)}\n`, 0o600)

/** Makes the file (mode 0600) with one random key. */
export const createKeyFile = async (path: string): Promise<KeyFile> => {
  const file = makeVersion()
  await writeKeyFile(path, file)
  return file
}

/**
 * Changes the file, one process at a time; after a crash either the old or the new one is there.
 *
 * @throws Error when there is no file, or another process is changing it; and what `change` throws
 */
export const changeKeyFile = async (path: string, change: (file: KeyFile) => KeyFile): Promise<KeyFile> => {
  // The lock is the kernel's, so that it ends with its process.
  const lock = new DatabaseSync(`${path}.lock`, { timeout: 0 })
  try {
    try {
      lock.exec('BEGIN EXCLUSIVE')
    } catch (error) {
      throw new Error(`The key file ${path} is being changed by another process.`, { cause: error })
    }
    const file = await readKeyFile(path)
    if (file === undefined) throw new Error(`${path} is missing.`)
    const changed = change(file)
    await writeKeyFile(path, changed)
    return changed
  } finally {
    lock.close()
  }
}

const replace = (file: KeyFile, name: string | undefined, versions: KeyVersions): KeyFile =>
  name === undefined ? { ...file, ...versions } : { ...file, named: { ...file.named, [name]: versions } }

/** The versions of the store's own key, or of a named one. @throws Error for a name that is not there */
export const versionsOf = (file: KeyFile, name: string | undefined): KeyVersions => {
  if (name === undefined) return file
  const versions = Object.hasOwn(file.named ?? {}, name) ? file.named?.[name] : undefined
  if (versions === undefined) throw new Error(`There is no key ${name}.`)
  return versions
}

/** The file, with every version of `older` beside its own: what either opens, it opens. */
export const keepVersions = (file: KeyFile, older: KeyFile): KeyFile => {
  const named = { ...older.named, ...file.named }
  const merged = Object.entries(named).map(([name, versions]): [string, KeyVersions] => {
    const kept = Object.hasOwn(older.named ?? {}, name) ? older.named?.[name]?.keys : {}
    return [name, { ...versions, keys: { ...kept, ...versions.keys } }]
  })
  return { ...file, keys: { ...older.keys, ...file.keys }, named: Object.fromEntries(merged) }
}

/** A key to be called by name. @throws Error for a name that is taken or can't be one */
export const addKey = (file: KeyFile, name: string): KeyFile => {
  if (!NAME.test(name)) throw new Error(`${name} can't be the name of a key.`)
  if (name === 'aws/s3' || name.endsWith(':alias/aws/s3') || name === 'alias/aws/s3') {
    throw new Error("aws/s3 is the store's own key.")
  }
  if (Object.hasOwn(file.named ?? {}, name)) throw new Error(`There is a key ${name} already.`)
  return replace(file, name, makeVersion())
}

/** A new version becomes the active one; the others stay to open what they sealed. @throws Error as `versionsOf` */
export const rotateKey = (file: KeyFile, name: string | undefined): KeyFile => {
  const { active, keys } = makeVersion()
  return replace(file, name, { active, keys: { ...versionsOf(file, name).keys, ...keys } })
}

/** Takes a version out. @throws Error for one that is active or not there */
export const dropKeyVersion = (file: KeyFile, version: string): KeyFile => {
  for (const name of [undefined, ...Object.keys(file.named ?? {})]) {
    const { active, keys } = versionsOf(file, name)
    if (!Object.hasOwn(keys, version)) continue
    if (version === active) throw new Error(`Version ${version} is the active one; rotate first.`)
    const { [version]: _dropped, ...left } = keys
    return replace(file, name, { active, keys: left })
  }
  throw new Error(`There is no version ${version}.`)
}
