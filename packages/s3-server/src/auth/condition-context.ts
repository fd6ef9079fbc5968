import type { ConditionContext } from '@skycrate/core/access/iam/condition'
import { encryptionHeaders } from '../encryption/encryption-headers.ts'
import type { S3Action } from '../s3-action.ts'
import type { Resource, S3Request, Site } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'
import { readTagHeader } from '../objects/tags.ts'
import type { Tag } from '../objects/tags.ts'
import { ACCOUNT_ID, type Identity, namesOf } from './identity.ts'
import { lockCondition } from './lock-conditions.ts'
import { claimOf } from './web-identity.ts'

/** How a request proved who it comes from. */
export interface Proof {
  readonly authType: 'REST-HEADER' | 'REST-QUERY-STRING' | 'POST'
  /** Milliseconds since 1970. */
  readonly signedAt: number
  readonly payloadHash: string
}

export interface Asked {
  readonly site: Site
  readonly request: S3Request
  readonly identity: Identity
  readonly proof: Proof | undefined
  readonly now: number
  readonly action: S3Action | 'sts:AssumeRole' | 'sts:AssumeRoleWithWebIdentity'
  readonly resource: Resource
}

const LISTS = new Set<string>(['s3:ListBucket', 's3:ListBucketVersions', 's3:ListBucketMultipartUploads'])
const LIST_KEYS = new Set(['s3:prefix', 's3:delimiter', 's3:max-keys'])
/** Actions that S3 looks up the tags of the object for. */
const KNOWS_TAGS = /^s3:(?:GetObject|(?:Put|Delete)Object(?:Version)?Tagging$)/
const EXISTING_TAG = 's3:existingobjecttag/'
const REQUEST_TAG = 's3:requestobjecttag/'
const PRINCIPAL_TAG = 'aws:principaltag/'

/** Those that an object is to be given, by a header or by the body. */
const requestTags = ({ request, action, resource }: Asked): readonly Tag[] => {
  if (resource.requestTags !== undefined) return resource.requestTags
  const header = request.headers.get('x-amz-tagging')
  return header === undefined || action === 's3:GetObject' ? [] : readTagHeader(header)
}

const existingTags = ({ site: { store }, request, action, resource }: Asked): readonly Tag[] => {
  const bucket = resource.bucket === undefined ? undefined : store.buckets.find(resource.bucket)
  if (bucket === undefined || resource.key === undefined || !KNOWS_TAGS.test(action)) return []
  const versionId = resource.versionId ?? request.query.get('versionId')
  if (versionId === undefined) return store.objects.current(bucket.id, resource.key)?.attributes.tags ?? []
  const found = store.objects.find(bucket.id, resource.key, versionId)
  return found?.kind === 'object' ? found.version.attributes.tags : []
}

const valueOf = (tags: readonly Tag[], name: string): string | undefined => tags.find(([key]) => key === name)?.[1]

/**
 * What the token said that a session was started by.
 *
 * @throws S3Error AccessDenied for a claim that the session was not given, so that no Deny is passed over for lack of it
 */
const ofToken = (key: string, { identity }: Asked): readonly string[] | undefined => {
  const web = identity.kind === 'session' ? identity.session.web : undefined
  if (web === undefined) return undefined
  if (key.startsWith(PRINCIPAL_TAG)) {
    const name = key.slice(PRINCIPAL_TAG.length)
    return Object.hasOwn(web.tags, name) ? [web.tags[name] ?? ''] : undefined
  }
  const claim = claimOf(key, web.issuer)
  if (claim === undefined) return undefined
  if (!Object.hasOwn(web.claims, claim)) {
    throw new S3Error('AccessDenied', { message: `The session was started without the claim that ${key} asks for.` })
  }
  return web.claims[claim] ?? undefined
}

const ofCaller = (key: string, asked: Asked): string | undefined => {
  const { request, site, identity, now } = asked
  const names = namesOf(identity)
  switch (key) {
    case 'aws:currenttime':
      return new Date(now).toISOString()
    case 'aws:epochtime':
      return String(Math.floor(now / 1000))
    case 'aws:securetransport':
      return String(request.peer.isTls || site.behindTls)
    case 'aws:sourceip':
      return request.peer.address
    case 'aws:principalarn':
      return names?.principalArn
    case 'aws:principalaccount':
      return names?.account
    case 'aws:principaltype':
      return names?.type ?? 'Anonymous'
    case 'aws:userid':
      return names?.userId ?? 'anonymous'
    case 'aws:federatedprovider':
      return identity.kind === 'session' ? identity.session.web?.provider : undefined
    case 'aws:tokenissuetime':
      return identity.kind === 'session' ? new Date(identity.session.issuedAt).toISOString() : undefined
    case 'aws:multifactorauthpresent':
      return identity.kind === 'session' ? 'false' : undefined
    case 'aws:viaawsservice':
    case 'aws:principalisawsservice':
      return 'false'
    case 'aws:requestedregion':
      return site.region
    case 'aws:resourceaccount':
    case 's3:resourceaccount':
      return ACCOUNT_ID
    default:
      return undefined
  }
}

/** How an upload was begun to be encrypted: its parts and its end say nothing of it themselves, and are held to that. */
const ofUpload = ({ site: { store }, resource }: Asked, id: string, header: string): string | undefined => {
  const bucket = resource.bucket === undefined ? undefined : store.buckets.find(resource.bucket)
  if (bucket === undefined || resource.key === undefined) return undefined
  return encryptionHeaders(store.uploads.find(bucket.id, resource.key, id)?.encryption)[header]
}

const ofRequest = (key: string, asked: Asked): string | undefined => {
  const { request, proof, now, action, resource } = asked
  const header = (name: string): string | undefined => {
    const value = request.headers.get(name)
    return value === undefined ? undefined : Buffer.from(value, 'latin1').toString()
  }
  const uploadId = request.query.get('uploadId')
  if (key === 's3:prefix' && resource.prefix !== undefined) return resource.prefix
  if (LIST_KEYS.has(key)) return LISTS.has(action) ? request.query.get(key.slice('s3:'.length)) : undefined
  switch (key) {
    case 'aws:referer':
      return header('referer')
    case 'aws:useragent':
      return header('user-agent')
    case 's3:versionid':
      return resource.versionId ?? request.query.get('versionId')
    case 's3:authtype':
      return proof?.authType
    case 's3:signatureversion':
      return proof === undefined ? undefined : 'AWS4-HMAC-SHA256'
    case 's3:signatureage':
      return proof === undefined ? undefined : String(Math.max(0, now - proof.signedAt))
    case 's3:x-amz-content-sha256':
      return header('x-amz-content-sha256') ?? proof?.payloadHash
    case 's3:x-amz-server-side-encryption':
    case 's3:x-amz-server-side-encryption-aws-kms-key-id':
      return uploadId === undefined
        ? header(key.slice('s3:'.length))
        : ofUpload(asked, uploadId, key.slice('s3:'.length))
    case 's3:if-match':
    case 's3:if-none-match':
      return header(key.slice('s3:'.length))
    default:
      return key.startsWith('s3:x-amz-') ? header(key.slice('s3:'.length)) : lockCondition(key, asked)
  }
}

/**
 * What a policy's conditions may know of a request. Keys that a request of this store never has (VPCs, organisations,
 * access points) are missing from all of them, as they are on AWS from requests without such.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
 */
export const conditionContext =
  (asked: Asked): ConditionContext =>
  (key) => {
    if (key === 's3:requestobjecttagkeys') {
      const names = requestTags(asked).map(([name]) => name)
      return names.length === 0 ? undefined : names
    }
    const told = ofToken(key, asked)
    if (told !== undefined) return told
    const value = key.startsWith(EXISTING_TAG)
      ? valueOf(existingTags(asked), key.slice(EXISTING_TAG.length))
      : key.startsWith(REQUEST_TAG)
        ? valueOf(requestTags(asked), key.slice(REQUEST_TAG.length))
        : (ofCaller(key, asked) ?? ofRequest(key, asked))
    return value === undefined ? undefined : [value]
  }
