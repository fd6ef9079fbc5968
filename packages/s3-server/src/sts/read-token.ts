import { readToken as readSigned } from '@skycrate/issuer-keys/read-token'
import type { ReadToken } from '@skycrate/issuer-keys/read-token'
import { StsError } from '@skycrate/aws-wire/sts-error'

/** As long as AWS takes them. */
const MAX_TOKEN_CHARACTERS = 20_000

/**
 * Reads a signed JWT without believing it: to find out who would have to vouch for it.
 *
 * @throws StsError ValidationError or InvalidIdentityToken
 */
export const readToken = (token: string | undefined): ReadToken => {
  const read = token === undefined || token === '' ? undefined : readSigned(token, MAX_TOKEN_CHARACTERS)
  if (read !== undefined && !('refused' in read)) return read
  switch (read?.refused) {
    case undefined:
    case 'too-long':
      throw new StsError('ValidationError', `WebIdentityToken has to have 1 to ${MAX_TOKEN_CHARACTERS} characters.`)
    case 'opaque':
    case 'encrypted':
    case 'malformed':
      throw new StsError('InvalidIdentityToken', 'The token provided is not a signed JWT.')
    case 'extended':
      throw new StsError('InvalidIdentityToken', 'The token has extensions that are not understood.')
  }
}
