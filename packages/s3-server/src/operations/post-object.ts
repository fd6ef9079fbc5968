import { sayRefusal } from '../auth/say-refusal.ts'
import { parseAmzDate } from '@skycrate/core/sigv4/amz-date'
import { checkPostPolicy, contentLengthRange, parsePostPolicy } from '@skycrate/core/sigv4/post-policy'
import { verifyPostForm } from '@skycrate/core/sigv4/verify-post'
import { encodeKey } from '@skycrate/core/sigv4/encode'
import { authorise } from '../auth/authorise.ts'
import type { Proof } from '../auth/condition-context.ts'
import { findCredentials } from '../auth/find-credentials.ts'
import type { Identity } from '../auth/identity.ts'
import { makePrincipal } from '../auth/principal.ts'
import { DigestSet } from '../checksum/digest-set.ts'
import { checksumHeaders } from '../objects/checksum-headers.ts'
import { prepareSealing } from '../encryption/sealing.ts'
import { refreshBucket } from '../objects/find-bucket.ts'
import { readBoundary, readUploadForm } from '../http/form-reader.ts'
import type { UploadForm } from '../http/form-reader.ts'
import { HeaderReader } from '../http/header-reader.ts'
import type { Payload } from '../http/payload.ts'
import { checkPayloadClaims, claimedDigests, readPayloadClaims } from '../http/payload-claims.ts'
import { checkKeyLength } from '../http/request-target.ts'
import { requestOrigin } from '../notifications/event-origin.ts'
import { readUploadDescription, writtenVersionHeader } from '../objects/object-headers.ts'
import type { Operation } from '../operation.ts'
import { commitBlob, MAX_PUT_BYTES, receivePayload } from '../objects/receive-blob.ts'
import type { Reply } from '../reply.ts'
import type { Principal, RequestContext, S3Request } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'
import type { Bucket } from '../store/tables/bucket-table.ts'
import { MAX_OBJECT_TAGS, readTagging, writeTagHeader } from '../objects/tags.ts'
import { readXml } from '@skycrate/aws-wire/read-xml'
import { element } from '@skycrate/aws-wire/write-xml'

interface Bounds {
  readonly min: number
  readonly max: number
}

/** Form fields read as headers; one char a byte, as headers are. */
const headersOf = (fields: ReadonlyMap<string, string>): HeaderReader =>
  new HeaderReader(
    Object.fromEntries([...fields].map(([name, value]) => [name, [Buffer.from(value).toString('latin1')]])),
  )

/** The fields as the headers of a PutObject would be: a form names the list and the tags otherwise. */
const asPutFields = (fields: ReadonlyMap<string, string>): ReadonlyMap<string, string> => {
  const named = new Map(fields)
  const acl = fields.get('acl')
  if (acl !== undefined) named.set('x-amz-acl', acl)
  const tagging = fields.get('tagging')
  if (tagging !== undefined) {
    named.set('x-amz-tagging', writeTagHeader(readTagging(readXml(tagging.trim(), 'Tagging'), MAX_OBJECT_TAGS)))
  }
  return named
}

/**
 * Lets a form through that a known key signed and that keeps to its policy.
 *
 * @param request with the form's fields for headers
 * @returns who sent it, and how many bytes its file may have
 * @throws S3Error AccessDenied and the other refusals of signatures and policies
 */
const checkForm = (
  { site, now }: RequestContext,
  request: S3Request,
  bucket: Bucket,
  key: string,
  form: UploadForm,
): { readonly principal: Principal; readonly bounds: Bounds } => {
  const credentials = findCredentials(site)
  const verdict = verifyPostForm(form.fields, {
    lookup: credentials.lookup,
    region: site.region,
    service: 's3',
    now,
    keys: site.signingKeys,
  })
  if (verdict.outcome === 'refused')
    throw new S3Error(verdict.code, { message: sayRefusal(verdict.message, verdict.details), fields: verdict.details })
  const resource = { bucket: bucket.name, key }
  const allowed = (identity: Identity, proof: Proof | undefined): Principal => {
    const principal = makePrincipal({ site, request, now, identity, proof })
    authorise(principal, 's3:PutObject', resource)
    if (request.headers.has('x-amz-tagging')) authorise(principal, 's3:PutObjectTagging', resource)
    return principal
  }
  if (verdict.outcome === 'anonymous') {
    return { principal: allowed({ kind: 'anonymous' }, undefined), bounds: { min: 0, max: MAX_PUT_BYTES } }
  }
  const parsed = parsePostPolicy(verdict.policy)
  if (parsed.outcome === 'refused') throw new S3Error(parsed.code, { message: parsed.message })
  const { policy } = parsed
  const kept = checkPostPolicy({
    form: new Map([...form.fields, ['key', key]]),
    bucket: bucket.name,
    contentLength: undefined,
    policy,
    now,
  })
  if (kept.outcome === 'refused') throw new S3Error(kept.code, { message: kept.message })
  const proof = {
    authType: 'POST' as const,
    signedAt: parseAmzDate(form.fields.get('x-amz-date') ?? '') ?? now,
    payloadHash: 'UNSIGNED-PAYLOAD',
  }
  const principal = allowed(credentials.found(), proof)
  const { min, max } = contentLengthRange(policy)
  return { principal, bounds: { min, max: Math.min(max, MAX_PUT_BYTES) } }
}

/** @throws S3Error EntityTooLarge as soon as there is too much, EntityTooSmall at the end */
async function* bounded(stream: AsyncIterable<Buffer>, { min, max }: Bounds): AsyncGenerator<Buffer, void, undefined> {
  let size = 0
  for await (const piece of stream) {
    size += piece.length
    if (size > max) throw new S3Error('EntityTooLarge', { fields: { MaxSizeAllowed: String(max) } })
    yield piece
  }
  if (size < min) {
    throw new S3Error('EntityTooSmall', { fields: { ProposedSize: String(size), MinSizeAllowed: String(min) } })
  }
}

const isHttpUrl = (text: string): boolean => {
  const url = URL.parse(text)
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:')
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html */
const answer = (
  { request }: RequestContext,
  bucket: Bucket,
  key: string,
  fields: ReadonlyMap<string, string>,
  etag: string,
): Reply => {
  const base = request.raw.rawPath.endsWith('/') ? request.raw.rawPath : `${request.raw.rawPath}/`
  const location = `http://${request.host}${base}${encodeKey(key)}`
  const redirect = fields.get('success_action_redirect') ?? fields.get('redirect')
  if (redirect !== undefined && isHttpUrl(redirect)) {
    const url = new URL(redirect)
    url.searchParams.append('bucket', bucket.name)
    url.searchParams.append('key', key)
    url.searchParams.append('etag', `"${etag}"`)
    return { status: 303, headers: { location: url.href, etag: `"${etag}"` } }
  }
  const headers = { location, etag: `"${etag}"` }
  switch (fields.get('success_action_status')) {
    case '200':
      return { status: 200, headers }
    case '201':
      return {
        status: 201,
        headers,
        body: {
          kind: 'xml',
          namespace: '',
          root: element('PostResponse', [
            element('Location', location),
            element('Bucket', bucket.name),
            element('Key', key),
            element('ETag', `"${etag}"`),
          ]),
        },
      }
    default:
      return { status: 204, headers }
  }
}

export const postObject: Operation = {
  name: 'PostObject',
  method: 'POST',
  scope: 'bucket',
  access: { by: 'form', action: 's3:PutObject' },
  run: async (context, bucket) => {
    const { site, request, now } = context
    const { store } = site
    const boundary = readBoundary(request.headers.get('content-type'))
    const form = await readUploadForm(request.body.read(), boundary)
    const { fields, file } = form
    const template = fields.get('key')
    if (template === undefined || template === '') {
      throw new S3Error('InvalidArgument', {
        message:
          "Bucket POST must contain a field named 'key'. If it is specified, please check the order of the fields.",
      })
    }
    const key = checkKeyLength(template.replaceAll('${filename}', () => file.name))
    const headers = headersOf(fields)
    const asked: S3Request = { ...request, key, headers: headersOf(asPutFields(fields)) }
    const { principal, bounds } = checkForm(context, asked, bucket, key, form)
    const asUpload: RequestContext = { ...context, request: asked, principal }
    const { attributes, storageClass, encryption } = readUploadDescription(asUpload, bucket)
    const claims = readPayloadClaims(headers, context.bodyClaim)
    const digests = new DigestSet(['MD5', ...claimedDigests(claims)])
    const payload: Payload = {
      length: undefined,
      stream: bounded(file.stream, bounds),
      digests,
      check: () => checkPayloadClaims(claims, digests, new Map()),
    }
    const sealing = prepareSealing(asUpload, bucket, key, encryption)
    const { blob, etag, checksums } = await receivePayload(context, payload, sealing)
    const { versionId } = await commitBlob(store, blob, () => {
      store.blobTable.add(blob)
      return store.objects.put(refreshBucket(store, bucket), {
        key,
        modifiedAt: now,
        size: blob.size,
        etag,
        storageClass,
        blobId: blob.id,
        encryption: sealing.encryption,
        attributes: { ...attributes, checksums, checksumType: 'FULL_OBJECT' },
        created: { how: 'Post', origin: requestOrigin(asUpload) },
      })
    })
    const reply = answer(context, bucket, key, fields, etag)
    return {
      ...reply,
      headers: {
        ...reply.headers,
        ...checksumHeaders(checksums),
        ...writtenVersionHeader(versionId),
        ...sealing.headers,
      },
    }
  },
}
