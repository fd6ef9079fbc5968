import type { IncomingMessage, ServerResponse } from 'node:http'
import { authenticate } from './auth/authenticate.ts'
import type { Authentication } from './auth/authenticate.ts'
import { authorise } from './auth/authorise.ts'
import { ACCOUNT_ID } from './auth/identity.ts'
import { makePrincipal } from './auth/principal.ts'
import { CORS_VARY, corsHeaders, findCorsRule } from './cors.ts'
import type { CorsRule } from './cors.ts'
import { findBucket } from './objects/find-bucket.ts'
import { HeaderReader } from './http/header-reader.ts'
import type { RateLimit } from './http/minimum-rate.ts'
import type { ConnectionWatch } from './http/connection-watch.ts'
import { lingerAtEnd } from './http/linger.ts'
import { Query } from './http/query.ts'
import { RequestBody } from './http/request-body.ts'
import { parseRequestTarget, splitTarget } from './http/request-target.ts'
import { errorReply, toS3Error, writeReply } from './http/write-reply.ts'
import { matchOperation } from './match-operation.ts'
import { OPERATIONS } from './operation-table.ts'
import type { Access, Operation } from './operation.ts'
import { BlobDamageError } from './store/blobs/blob-damage-error.ts'
import { randomHex } from './random-text.ts'
import type { Reply } from './reply.ts'
import type { Principal, RequestContext, S3Request, Site } from './request-context.ts'
import { S3Error } from './s3-error.ts'

/** One answered request, for logs and metrics. It holds no signature, no token and no query. */
export interface RequestRecord {
  readonly id: string
  readonly method: string
  /** The name of the operation; undefined when the request was refused before it was known. */
  readonly operation: string | undefined
  readonly bucket: string | undefined
  readonly key: string | undefined
  readonly status: number
  /** S3's error code. */
  readonly code: string | undefined
  /** What went wrong inside, for codes that say nothing of it. */
  readonly cause: string | undefined
  readonly milliseconds: number
  /** Bytes of the request's body that were read. */
  readonly received: number
  /** Bytes of the answer, its head among them. */
  readonly sent: number
  /** Of the client, or of the proxy before this server. */
  readonly address: string | undefined
}

export interface Handling {
  readonly site: Site
  readonly domains: readonly string[]
  readonly now: () => number
  /** True while the server is closing: connections are not kept. */
  readonly isClosing: () => boolean
  readonly rate: RateLimit
  readonly watch: ConnectionWatch
  /** Whether requests come by the local socket. */
  readonly isLocal: boolean
  /** Told of bytes that the disk did not give back as they were written. */
  readonly onDamage: (error: BlobDamageError) => void
  readonly onRequest: ((record: RequestRecord) => void) | undefined
}

/** Whom a client takes for the owner of the bucket, and of the bucket that it copies from. */
const OWNER_HEADERS = ['x-amz-expected-bucket-owner', 'x-amz-source-expected-bucket-owner']

const NO_AUTHENTICATION: Authentication = {
  identity: { kind: 'anonymous' },
  proof: undefined,
  bodyClaim: { payload: 'unsigned', payloadHash: 'UNSIGNED-PAYLOAD', seed: undefined },
  kind: 'none',
}

const runOperation = async (operation: Operation, context: RequestContext): Promise<Reply> => {
  const { bucket: name, key } = context.request
  switch (operation.scope) {
    case 'any':
    case 'service':
      return operation.run(context)
    case 'bucket-name':
      return operation.run(context, name ?? '')
    case 'bucket':
    case 'object': {
      const bucket = findBucket(context.site.store, name ?? '')
      return operation.scope === 'bucket' ? operation.run(context, bucket) : operation.run(context, bucket, key ?? '')
    }
  }
}

/** Whether someone may know that a key is not there: by listing the bucket, or what is under the key. */
const mayKnowMissing = (principal: Principal, { bucket = '', key }: S3Request): boolean =>
  principal.may('s3:ListBucket', { bucket, ...(key === undefined ? {} : { prefix: key }) })

/** Others may not tell a key that is not there from one that they may not read. */
const hideMissing = (error: unknown, principal: Principal, request: S3Request): unknown => {
  const { bucket, headers } = request
  if (!(error instanceof S3Error) || error.code !== 'NoSuchKey' || bucket === undefined) return error
  // What is missing is then the source, which may lie elsewhere and was asked for by itself.
  if (headers.has('x-amz-copy-source')) return error
  return mayKnowMissing(principal, request) ? error : new S3Error('AccessDenied', { cause: error })
}

/** @throws S3Error AccessDenied, or NoSuchKey for what may not be read and is not there */
const checkAccess = (request: S3Request, access: Access, principal: Principal, { store }: Site): void => {
  const { query, headers, bucket, key } = request
  const resource = { ...(bucket === undefined ? {} : { bucket }), ...(key === undefined ? {} : { key }) }
  // Where no policy is, nothing can be for those who did not sign, and their body need not be read.
  const isHopeless =
    principal.identity.kind === 'anonymous' && store.buckets.settingOf(bucket ?? '', 'policy') === undefined
  if (access.by === 'items' && isHopeless) throw new S3Error('AccessDenied')
  if (access.by !== 'signature') return
  const action = query.has('versionId') ? (access.versionAction ?? access.action) : access.action
  if (!principal.may(action, resource)) {
    const found = action === 's3:GetObject' ? store.buckets.find(bucket ?? '') : undefined
    const isMissing = found !== undefined && store.objects.current(found.id, key ?? '') === undefined
    // Who sees it in no listing may as well be told so.
    throw isMissing && mayKnowMissing(principal, request)
      ? new S3Error('NoSuchKey', { fields: { Key: key ?? '' } })
      : new S3Error('AccessDenied')
  }
  if (action === 's3:PutObject' && headers.has('x-amz-tagging')) authorise(principal, 's3:PutObjectTagging', resource)
}

/** Verify, authorise, run: every operation passes here, whatever its table entry says of who may call it. */
const answer = async (
  request: S3Request,
  wire: IncomingMessage,
  operation: Operation,
  { site }: Handling,
  now: number,
): Promise<Reply> => {
  const { access } = operation
  let authentication = NO_AUTHENTICATION
  if (access.by === 'signature' || access.by === 'items') {
    authentication = authenticate({ method: request.method, ...request.raw, headers: wire.headersDistinct }, site, now)
    if (authentication.kind === 'presigned') request.headers.adopt(request.query)
  }
  const { identity, proof, bodyClaim } = authentication
  const principal = makePrincipal({ site, request, identity, proof, now })
  checkAccess(request, access, principal, site)
  for (const name of OWNER_HEADERS) {
    // Clients name an account, as STS tells it to them.
    if ((request.headers.get(name) ?? ACCOUNT_ID) !== ACCOUNT_ID) throw new S3Error('AccessDenied')
  }
  try {
    return await runOperation(operation, { site, request, principal, bodyClaim, now })
  } catch (error) {
    throw hideMissing(error, principal, request)
  }
}

const peerOf = ({ socket }: IncomingMessage, isLocal: boolean): S3Request['peer'] => ({
  // Of a client that has gone away meanwhile nothing is known either: that must not look like this machine.
  address: isLocal ? '127.0.0.1' : (socket.remoteAddress ?? ''),
  // On the machine's own socket nobody listens either.
  isTls: isLocal || 'encrypted' in socket,
})

/** The CORS headers of an answer: errors have them too, or a page could not read them. */
const corsOf = (request: S3Request | undefined, { store }: Site): Record<string, string> => {
  const bucket = request?.bucket === undefined ? undefined : store.buckets.find(request.bucket)
  const document = bucket === undefined ? undefined : store.buckets.setting(bucket.id, 'cors')
  if (request === undefined || document === undefined) return {}
  const origin = request.headers.get('origin')
  // A preflight is an operation of its own.
  if (origin === undefined || request.method === 'OPTIONS') return { vary: CORS_VARY }
  const rule = findCorsRule(JSON.parse(document) as CorsRule[], origin, request.method, [])
  return rule === undefined ? { vary: CORS_VARY } : corsHeaders(rule, origin)
}

const describe = (error: S3Error): string | undefined => {
  const { cause } = error
  if (cause === undefined) return undefined
  return cause instanceof Error ? (cause.stack ?? cause.message) : 'unknown'
}

/** Answers one request, whatever happens on the way. Never rejects. */
export const handleRequest = async (
  wire: IncomingMessage,
  response: ServerResponse,
  expectsContinue: boolean,
  handling: Handling,
): Promise<void> => {
  const started = performance.now()
  const { bytesWritten: sentBefore, remoteAddress: address } = wire.socket
  const id = randomHex(8).toUpperCase()
  const raw = splitTarget(wire.url ?? '/')
  const body = new RequestBody(wire, response, expectsContinue, handling.rate)
  const watched = handling.watch.begin(wire.socket, body)
  const method = wire.method ?? ''
  let request: S3Request | undefined
  let operation: Operation | undefined
  let failure: S3Error | undefined
  let reply: Reply
  response.setHeader('x-amz-request-id', id)
  response.setHeader('x-amz-id-2', id)
  response.setHeader('server', 'SkyCrate')
  try {
    const host = wire.headers.host ?? ''
    const target = parseRequestTarget(raw, host, handling.domains)
    const headers = new HeaderReader(wire.headersDistinct)
    const peer = peerOf(wire, handling.isLocal)
    request = { id, method, host, raw, ...target, query: new Query(raw.rawQuery), headers, peer, body }
    operation = matchOperation(OPERATIONS, request)
    reply = await answer(request, wire, operation, handling, handling.now())
  } catch (error) {
    failure = toS3Error(error)
    reply = errorReply(failure, raw.rawPath, id)
  }
  const content = reply.body
  try {
    for (const [name, value] of Object.entries(corsOf(request, handling.site))) response.setHeader(name, value)
    if (handling.isClosing() || !body.canDrain) response.setHeader('connection', 'close')
    if (!wire.complete) lingerAtEnd(wire.socket)
    await writeReply(response, reply)
  } catch (error) {
    failure ??= toS3Error(error)
    if (response.headersSent || response.destroyed) {
      // Cutting the connection is the only way left to say that the body is not whole.
      wire.socket.destroy()
    } else {
      for (const name of response.getHeaderNames()) if (!name.startsWith('x-amz-id')) response.removeHeader(name)
      reply = errorReply(failure, raw.rawPath, id)
      for (const [name, value] of Object.entries(corsOf(request, handling.site))) response.setHeader(name, value)
      response.setHeader('x-amz-request-id', id)
      response.setHeader('connection', 'close')
      await writeReply(response, reply).catch(() => wire.socket.destroy())
    }
  } finally {
    if (content?.kind === 'stream') content.release()
    watched.answered()
  }
  if (failure?.cause instanceof BlobDamageError) handling.onDamage(failure.cause)
  handling.onRequest?.({
    id,
    method,
    operation: operation?.name,
    bucket: request?.bucket,
    key: request?.key,
    status: reply.status,
    code: failure?.code,
    cause: failure === undefined ? undefined : describe(failure),
    milliseconds: performance.now() - started,
    received: body.received,
    sent: wire.socket.bytesWritten - sentBefore,
    address,
  })
}
