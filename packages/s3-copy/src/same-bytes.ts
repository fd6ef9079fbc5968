import { createHash } from 'node:crypto'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import type { S3Client } from '@aws-sdk/client-s3'
import { atPlace } from './object-description.ts'
import type { ObjectPlace } from './object-description.ts'
import { isRefusal } from './s3-failure.ts'
import { withRetries } from './with-retries.ts'

/** Reads a version to its end. */
const digestOf = (client: S3Client, place: ObjectPlace): Promise<string> =>
  withRetries(async () => {
    const { Body } = await client.send(new GetObjectCommand(atPlace(place)))
    const hash = createHash('sha256')
    for await (const chunk of Body as AsyncIterable<Buffer>) hash.update(chunk)
    return hash.digest('hex')
  })

/** Reads both sides and compares them. */
export const sameBytes = async (
  source: { readonly client: S3Client; readonly place: ObjectPlace },
  copy: { readonly client: S3Client; readonly place: ObjectPlace },
): Promise<boolean> => {
  const [original, copied] = await Promise.all([
    digestOf(source.client, source.place),
    digestOf(copy.client, copy.place),
  ])
  return original === copied
}

/** The same; false also where one of them can't be read, as what a store has archived. */
export const readsAlike = async (...sides: Parameters<typeof sameBytes>): Promise<boolean> => {
  try {
    return await sameBytes(...sides)
  } catch (error) {
    if (isRefusal(error)) return false
    throw error
  }
}
