import type { SkyCrateClient } from '../../client.ts'
import { signedHeaders } from '../../signed-headers.ts'

/** What @uppy/aws-s3 6 asks to be signed. Types are structural: nothing of Uppy is imported. */
export interface UppyRequest {
  readonly method: 'PUT' | 'POST' | 'GET' | 'DELETE'
  readonly key: string
  readonly contentType?: string | undefined
  readonly uploadId?: string | undefined
  readonly partNumber?: number | undefined
}

export interface UppyOptions {
  readonly bucket: string
  /** The folder that files go to: '' or ending in '/'. */
  readonly prefix?: string | undefined
  /** Whether an object that has the key may be replaced; default false. Then the upload fails with 412. */
  readonly replace?: boolean | undefined
}

/**
 * `signRequest` of `@uppy/aws-s3`, for any store: each file is one PUT, so set `shouldUseMultipart: false`. The key that Uppy
 * chooses goes below the folder.
 */
export function createUppySignRequest(client: SkyCrateClient, { bucket, prefix = '', replace = false }: UppyOptions) {
  return async ({ method, key, contentType, uploadId }: UppyRequest) => {
    if (method !== 'PUT' || uploadId !== undefined) {
      throw new Error(
        'Parts need temporary credentials: use createUppyCredentials, or set shouldUseMultipart to false.',
      )
    }
    const full = `${prefix}${key}`
    const { url, headers } = await client.presignedUrl({
      bucket,
      key: full,
      operation: 'put',
      ...(contentType !== undefined && { contentType }),
      ...(!replace && { ifNoneMatch: '*' as const }),
    })
    return { url, key: full, headers: signedHeaders(headers) }
  }
}

export interface UppyCredentials {
  readonly s3Endpoint: string
  readonly region: string
  readonly getCredentials: () => Promise<{
    readonly credentials: {
      readonly accessKeyId: string
      readonly secretAccessKey: string
      readonly sessionToken: string
      readonly expiration: string
    }
    readonly region: string
  }>
  readonly generateObjectKey: (file: { readonly name?: string | undefined }) => string
}

/**
 * Options of `@uppy/aws-s3` for uploads in parts, with pause and resume: temporary credentials for one folder, renewed when
 * the store says that they have ended. For stores with STS.
 *
 * @throws SkyCrateError `forbidden`, `credentials-unsupported`
 */
export async function createUppyCredentials(
  client: SkyCrateClient,
  { bucket, prefix = '' }: Pick<UppyOptions, 'bucket' | 'prefix'>,
): Promise<UppyCredentials> {
  const ask = () => client.request('createCredentials', { body: { bucket, prefix, actions: ['write'] } })
  const first = await ask()
  let next: typeof first | undefined = first
  return {
    s3Endpoint: `${first.endpoint}/${bucket}`,
    region: first.region,
    async getCredentials() {
      const { accessKeyId, secretAccessKey, sessionToken, expiration, region } = next ?? (await ask())
      next = undefined
      return { credentials: { accessKeyId, secretAccessKey, sessionToken, expiration }, region }
    },
    generateObjectKey: ({ name = 'file' }) => `${prefix}${name}`,
  }
}
