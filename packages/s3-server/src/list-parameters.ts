import { encodeKey } from '@skycrate/core/sigv4/encode'
import type { Query } from './http/query.ts'
import { S3Error } from './s3-error.ts'

/** Entries of one page, as on S3. */
export const MAX_KEYS = 1000

/**
 * A page size from the query, never above `most`.
 *
 * @throws S3Error InvalidArgument
 */
export const readLimit = (query: Query, name: string, most: number, least = 0): number => {
  const text = query.get(name)
  if (text === undefined || text === '') return most
  const value = /^[0-9]{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= least && value <= 2_147_483_647)) {
    throw new S3Error('InvalidArgument', {
      message: `Argument ${name} must be an integer between ${least} and 2147483647`,
      fields: { ArgumentName: name, ArgumentValue: text },
    })
  }
  return Math.min(value, most)
}

/** How keys are to be written in a listing: as they are, or percent-encoded. @throws S3Error InvalidArgument */
export const readKeyEncoding = (
  query: Query,
): { readonly name: 'url' | undefined; readonly encode: (key: string) => string } => {
  const type = query.get('encoding-type')
  if (type === undefined) return { name: undefined, encode: (key) => key }
  if (type !== 'url') {
    throw new S3Error('InvalidArgument', { message: 'Invalid Encoding Method specified in Request' })
  }
  return { name: 'url', encode: encodeKey }
}
