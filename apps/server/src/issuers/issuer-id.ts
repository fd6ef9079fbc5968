import { createHash } from 'node:crypto'
import { createId, type IssuerId } from '@skycrate/core/naming/id'

/** The id of a configured issuer, which follows from its URL. */
export function issuerIdOf(issuer: string): IssuerId {
  const hash = createHash('sha256').update(`skycrate issuer ${issuer}`).digest()
  return createId('iss', hash.readUIntBE(0, 6), hash.subarray(6, 16))
}
