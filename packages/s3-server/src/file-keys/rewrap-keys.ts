import type { IndexDatabase } from '../store/index/index-database.ts'
import type { KeyRing } from '../store/keys/key-ring.ts'
import { readKeySeal, replaceManagedKey } from '../store/keys/wrapped-key.ts'
import type { ManagedKey } from '../store/keys/wrapped-key.ts'
import { fileKeyVersion, resealFileKey } from './file-key.ts'
import { SealedKeyTable } from './sealed-key-table.ts'
import type { KeyedUpload, SealedBlobKey } from './sealed-key-table.ts'

const PAGE = 256

const uploadKeyOf = ({ encryption }: KeyedUpload): ManagedKey | undefined =>
  encryption?.kind === 'aws:kms' ? encryption.uploadKey : undefined

/** Undefined when the active version seals it already, or a customer's key does. */
const rewrap = (keys: KeyRing, { id, wrapped }: SealedBlobKey): Buffer | undefined => {
  const seal = readKeySeal(wrapped)
  if (seal.kind === 'ring') return keys.rewrap(wrapped, id)
  if (seal.kind === 'customer') return undefined
  const managed = resealFileKey(keys, seal.key)
  return managed === undefined ? undefined : replaceManagedKey(wrapped, managed)
}

/**
 * Seals every data key anew that an older version of a key of the key file sealed. No object is read or written: the data
 * keys stay what they are. Works in small changes beside other requests; cut short, it goes on from the start.
 *
 * @returns how many keys were sealed anew
 * @throws Error when a key needs a version that the key file lacks
 */
export const rewrapKeys = async (index: IndexDatabase, keys: KeyRing, stopped: () => boolean): Promise<number> => {
  const table = new SealedKeyTable(index)
  let count = 0
  for (let after = ''; ;) {
    const page = table.blobKeys(after, PAGE)
    const renewed = page.flatMap((blobKey) => {
      const wrapped = rewrap(keys, blobKey)
      return wrapped === undefined ? [] : [{ id: blobKey.id, wrapped }]
    })
    if (renewed.length > 0) {
      await index.write(() => {
        for (const { id, wrapped } of renewed) table.setBlobKey(id, wrapped)
      })
    }
    count += renewed.length
    after = page.at(-1)?.id ?? after
    if (page.length < PAGE || stopped()) break
    // Pages without anything to do must not keep requests waiting.
    await new Promise(setImmediate)
  }
  await index.write(() => {
    for (const upload of table.uploads()) {
      const { encryption } = upload
      const managed = uploadKeyOf(upload)
      const uploadKey = managed === undefined ? undefined : resealFileKey(keys, managed)
      if (encryption?.kind !== 'aws:kms' || uploadKey === undefined) continue
      table.setUploadEncryption(upload.id, { ...encryption, uploadKey })
      count += 1
    }
  })
  return count
}

/** How many keys each version of the key file seals, by the version's id. */
export const countKeyUses = (index: IndexDatabase): ReadonlyMap<string, number> => {
  const table = new SealedKeyTable(index)
  const uses = new Map<string, number>()
  const count = (version: string): void => {
    uses.set(version, (uses.get(version) ?? 0) + 1)
  }
  for (let after = ''; ;) {
    const page = table.blobKeys(after, PAGE)
    for (const { id, wrapped } of page) {
      after = id
      const seal = readKeySeal(wrapped)
      if (seal.kind === 'ring') count(seal.version)
      else if (seal.kind === 'managed') count(fileKeyVersion(seal.key))
    }
    if (page.length < PAGE) break
  }
  for (const upload of table.uploads()) {
    const managed = uploadKeyOf(upload)
    if (managed !== undefined) count(fileKeyVersion(managed))
  }
  return uses
}
