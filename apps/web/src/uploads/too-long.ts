import { SkyCrateError } from '@skycrate/client/skycrate-error'

/** S3's limit, in bytes of UTF-8. */
const LONGEST_KEY = 1_024

const utf8 = new TextEncoder()

/** Why a key cannot be uploaded to; undefined where it can. */
export const tooLong = (key: string): SkyCrateError | undefined =>
  utf8.encode(key).length <= LONGEST_KEY
    ? undefined
    : new SkyCrateError({
        code: 'invalid-request',
        title: 'The name is too long',
        detail: 'The name and the folders that it lies in have more than 1,024 bytes. Give it a shorter name.',
        status: 400,
      })
