import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { countKeyUses, rewrapKeys } from '../file-keys/rewrap-keys.ts'
import { openClosedStore } from '../store/closed-store.ts'
import type { ClosedStore } from '../store/closed-store.ts'
import { DirectoryInUseError } from '../store/directory-lock.ts'
import {
  addKey,
  changeKeyFile,
  createKeyFile,
  dropKeyVersion,
  readKeyFile,
  rotateKey,
  versionsOf,
} from '../store/keys/key-file.ts'
import { findStore } from '../store/find-store.ts'
import { readMarker, writeMarker } from '../store/store-marker.ts'
import { UsageError } from './usage-error.ts'

export interface KeysOptions {
  readonly dataDir: string
  readonly keyFile: string | undefined
  /** What to do, and with what. */
  readonly words: readonly string[]
}

const OWN = 'aws/s3'
const LATER = 'A running server takes it up when it gets SIGHUP, or at its next start.\n'

const print = (text: string): void => {
  process.stdout.write(text)
}

const nameOf = (word: string | undefined): string | undefined => (word === OWN ? undefined : word)

/** Undefined when a server has the store open, or there is none yet. */
const openIfFree = async (dataDir: string, keyFile: string): Promise<ClosedStore | undefined> => {
  if (!existsSync(join(dataDir, 'index.sqlite'))) return undefined
  try {
    return await openClosedStore(dataDir, keyFile)
  } catch (error) {
    if (error instanceof DirectoryInUseError) return undefined
    throw error
  }
}

const list = async (dataDir: string, path: string): Promise<void> => {
  const file = await readKeyFile(path)
  if (file === undefined) throw new Error(`${path} is missing.`)
  await using store = await openIfFree(dataDir, path)
  const uses = store === undefined ? undefined : countKeyUses(store.index)
  for (const name of [undefined, ...Object.keys(file.named ?? {})]) {
    const { active, keys } = versionsOf(file, name)
    for (const version of Object.keys(keys)) {
      const count = uses === undefined ? '' : `  seals ${uses.get(version) ?? 0}`
      print(`${name ?? OWN}  ${version}  ${version === active ? 'active' : 'old'}${count}\n`)
    }
  }
  if (uses === undefined) print('What each seals is counted while no server runs.\n')
}

const drop = async (dataDir: string, path: string, version: string): Promise<void> => {
  // Held until the file is changed: a server may seal with what it has read.
  await using store = await openClosedStore(dataDir, path)
  const uses = countKeyUses(store.index).get(version) ?? 0
  if (uses > 0) throw new Error(`Version ${version} seals ${uses} keys; run keys rewrap first.`)
  await changeKeyFile(path, (file) => dropKeyVersion(file, version))
  const marker = await readMarker(dataDir)
  if (marker !== undefined) {
    await writeMarker(dataDir, { ...marker, keys: marker.keys.filter((known) => known !== version) })
  }
  print(`${version} is dropped\n`)
}

const change = async (
  dataDir: string,
  path: string,
  verb: 'add' | 'rotate',
  name: string | undefined,
): Promise<void> => {
  if (verb === 'add' && !existsSync(path)) {
    if ((await findStore(dataDir)) === 'store') {
      throw new Error(`${path} is missing, but the store has data that needs its keys. Put the file back.`)
    }
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await createKeyFile(path)
  }
  const file = await changeKeyFile(path, (before) =>
    verb === 'add' ? addKey(before, name ?? OWN) : rotateKey(before, name),
  )
  print(`${name ?? OWN}  ${versionsOf(file, name).active}  active\n${LATER}`)
}

/**
 * Looks at the key file and changes it.
 *
 * @throws UsageError for words that are no such command; Error for what can't be done
 */
export const keys = async ({ dataDir, keyFile, words }: KeysOptions): Promise<void> => {
  const path = keyFile ?? join(dataDir, 'keys.json')
  const [verb, word, ...more] = words
  if (more.length > 0) throw new UsageError(`${more.join(' ')} is too much`)
  const refuseWord = (): void => {
    if (word !== undefined) throw new UsageError(`${word} is too much`)
  }
  switch (verb) {
    case 'list':
      refuseWord()
      return list(dataDir, path)
    case 'add':
      if (word === undefined) throw new UsageError('keys add takes a name')
      return change(dataDir, path, 'add', word)
    case 'rotate':
      return change(dataDir, path, 'rotate', nameOf(word))
    case 'rewrap': {
      refuseWord()
      await using store = await openClosedStore(dataDir, path)
      print(`${await rewrapKeys(store.index, store.keys, () => false)} keys sealed anew\n`)
      return
    }
    case 'drop':
      if (word === undefined) throw new UsageError('keys drop takes the id of a version')
      return drop(dataDir, path, word)
    default:
      throw new UsageError('keys list, add NAME, rotate [NAME], rewrap or drop VERSION')
  }
}
