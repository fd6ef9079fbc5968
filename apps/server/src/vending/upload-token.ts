import { createHmac, timingSafeEqual } from 'node:crypto'

/** What SkyCrate knows of a multipart upload, beside the store's own id of it. */
export interface UploadToken {
  /** The store's id. */
  readonly uploadId: string
  /** Bytes of the whole file. */
  readonly size: number
}

/** Where an upload goes, and whose it is. */
export interface UploadPlace {
  readonly userId: string
  readonly store: string
  readonly bucket: string
  readonly key: string
}

/**
 * The id of a multipart upload as clients get it: the store's id with the file's size, sealed for one user, bucket and
 * key. So nobody can go on with another person's upload, and nothing has to be kept here.
 */
export interface UploadTokens {
  write(token: UploadToken, place: UploadPlace): string
  /** Undefined for anything that `write` did not make for this place. */
  read(text: string, place: UploadPlace): UploadToken | undefined
}

const MAC_BYTES = 18

export function createUploadTokens(secret: string): UploadTokens {
  const mac = ({ uploadId, size }: UploadToken, { userId, store, bucket, key }: UploadPlace): Buffer =>
    createHmac('sha256', secret)
      .update(JSON.stringify(['multipart-upload', userId, store, bucket, key, uploadId, size]))
      .digest()
      .subarray(0, MAC_BYTES)
  return {
    write: (token, place) => `${mac(token, place).toString('base64url')}.${token.size}.${token.uploadId}`,
    read(text, place) {
      const parts = /^([\w-]+)\.(\d{1,16})\.(.+)$/s.exec(text)
      if (parts === null) return undefined
      const [, given = '', size = '', uploadId = ''] = parts
      const token = { uploadId, size: Number(size) }
      const expected = mac(token, place)
      const claimed = Buffer.from(given, 'base64url')
      return claimed.length === expected.length && timingSafeEqual(claimed, expected) ? token : undefined
    },
  }
}
