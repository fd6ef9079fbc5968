import { randomBytes } from 'node:crypto'
import type { KeyRing } from '../store/keys/key-ring.ts'
import { KEY_BYTES, VERSION_ID_BYTES } from '../store/keys/wrapped-key.ts'
import type { ManagedKey } from '../store/keys/wrapped-key.ts'

/** A key in the clear beside what is kept of it. */
export interface OpenKey {
  readonly key: Buffer
  readonly managed: ManagedKey
}

/** Whether an id is one of those that AWS has for the key of a request that names none: the store's own key. */
export const isOwnKey = (id: string): boolean => /^(?:(?:arn:[^:]*:kms:[^:]*:[^:]*:)?alias\/)?aws\/s3$/.test(id)

const nameOf = (keyId: string): string | undefined => (isOwnKey(keyId) ? undefined : keyId)

const boundTo = (keyId: string, context: ManagedKey['context']): string =>
  JSON.stringify([keyId, ...Object.entries(context).toSorted(([one], [other]) => (one < other ? -1 : 1))])

/** A new key, sealed by one of the key file. @param keyId its name there. Throws when there is none of that name */
export const makeFileKey = (keys: KeyRing, keyId: string, context: ManagedKey['context']): OpenKey => {
  const key = randomBytes(KEY_BYTES)
  const ciphertext = keys.seal(nameOf(keyId), key, boundTo(keyId, context)).toString('base64')
  return { key, managed: { keyId, ciphertext, context } }
}

/** Throws when the key file lacks its version. */
export const openFileKey = (keys: KeyRing, { keyId, ciphertext, context }: ManagedKey): Buffer =>
  keys.open(Buffer.from(ciphertext, 'base64'), boundTo(keyId, context))

/** The id of the version that sealed it. */
export const fileKeyVersion = ({ ciphertext }: ManagedKey): string =>
  Buffer.from(ciphertext, 'base64').subarray(0, VERSION_ID_BYTES).toString('hex')

/** The same key sealed by the active version; undefined when it is already. */
export const resealFileKey = (keys: KeyRing, managed: ManagedKey): ManagedKey | undefined => {
  const name = nameOf(managed.keyId)
  if (!keys.isOutdated(name, Buffer.from(managed.ciphertext, 'base64'))) return undefined
  const sealed = keys.seal(name, openFileKey(keys, managed), boundTo(managed.keyId, managed.context))
  return { ...managed, ciphertext: sealed.toString('base64') }
}
