import { placeOf, type RouteName } from '@skycrate/contract/paths'
import type { AuditEvents } from '@skycrate/contract/audit/schemas'
import type { CookieSession, Me, SignInResult, Tokens } from '@skycrate/contract/auth/schemas'
import type { Home } from '@skycrate/contract/home/schemas'
import type { Job, Jobs } from '@skycrate/contract/jobs/schemas'
import type { Buckets, ObjectList, PresignedUrl } from '@skycrate/contract/objects/schemas'
import type { Explanation, Permission, Permissions } from '@skycrate/contract/permissions/schemas'
import type { Restored, Versions } from '@skycrate/contract/versions/schemas'
import { abortable } from './abortable.ts'
import { type DownloadRequest, download } from './download.ts'
import { type ListEntry, listAll } from './list-all.ts'
import { routePath } from './route-path.ts'
import { routeQuery } from './route-query.ts'
import type { CallOptions } from './call-options.ts'
import type { RouteBody, RouteInput, RouteOutput, RouteQuery } from './route-types.ts'
import { send } from './send.ts'
import { createCookieSession } from './sessions/cookie-session.ts'
import type { SignedOutReason } from './sessions/signed-out-reason.ts'
import { createTokenSession } from './sessions/token-session.ts'
import { memoryTokenStore, type TokenStore } from './sessions/token-store.ts'
import { SkyCrateError } from './skycrate-error.ts'
import type { Transport } from './transport.ts'
import { type Source, upload, type UploadTarget } from './upload.ts'

export interface ClientOptions {
  /** Such as `https://files.example.com`, without a trailing slash; '' in a page that the server itself serves. */
  readonly baseUrl: string
  /** Defaults to the global one. */
  readonly fetch?: typeof fetch
  /**
   * `tokens`, the default: the client holds an access token and a refresh token. `cookie`, in a page that the server itself
   * serves: the browser holds the session, out of reach of scripts.
   */
  readonly session?: 'tokens' | 'cookie'
  /** Where tokens are held; defaults to memory. */
  readonly tokens?: TokenStore
  /**
   * Called where the server needs a fresh authentication: asks the person, and answers a `freshChallenge`. Where it gives
   * true, the request is sent again.
   */
  readonly confirmIdentity?: () => Promise<boolean>
  /** Called once when a session ends, by its owner or by the server. */
  readonly onSignedOut?: (reason: SignedOutReason) => void
}

export interface SkyCrateClient extends Transport {
  readonly baseUrl: string
  /**
   * A current access token, renewed where it ends soon.
   * @returns undefined where nobody is signed in, and for a session by cookie
   */
  accessToken(options?: CallOptions & { readonly renew?: boolean }): Promise<string | undefined>
  /** True while there may be a session; only the server knows whether it still accepts it. */
  isSignedIn(): boolean
  /** @returns a challenge where the account has a second factor; then nobody is signed in until it is answered */
  login(credentials: RouteBody<'login'>, options?: CallOptions): Promise<SignInResult | CookieSession>
  /** Completes a sign-in, or confirms who is signed in. */
  answerChallenge(answer: RouteBody<'challenge'>, options?: CallOptions): Promise<Tokens | CookieSession>
  /** Renews the access token. A cookie session is renewed by its use. */
  refresh(options?: CallOptions): Promise<void>
  /**
   * Ends the session at the server. Tokens are forgotten in any case; a cookie, which no script can remove, only where the
   * server can be reached.
   * @returns where to send the browser to end the session at its issuer as well, where that is offered
   */
  logout(options?: CallOptions): Promise<string | undefined>
  /** Every session of the account ends, this one too: sign in again with the new password. */
  changePassword(change: RouteBody<'changePassword'>, options?: CallOptions): Promise<void>
  me(options?: CallOptions): Promise<Me>

  home(options?: CallOptions): Promise<Home>
  buckets(query?: RouteQuery<'buckets'>, options?: CallOptions): Promise<Buckets>
  listObjects(bucket: string, query?: RouteQuery<'listObjects'>, options?: CallOptions): Promise<ObjectList>
  /** Every object and, with a delimiter, every folder below a prefix, fetched page by page as it is consumed. */
  listAll(bucket: string, query?: RouteQuery<'listObjects'>, options?: CallOptions): AsyncGenerator<ListEntry, void>
  presignedUrl(request: RouteBody<'presignedUrl'>, options?: CallOptions): Promise<PresignedUrl>
  deleteObject(bucket: string, key: string, options?: CallOptions): Promise<void>
  /** Newest first, deletions among them. */
  listVersions(
    bucket: string,
    key: string,
    query?: RouteQuery<'listVersions'>,
    options?: CallOptions,
  ): Promise<Versions>
  /** Brings back a deleted object, or makes a version the current one. */
  restoreObject(request: RouteBody<'restoreObject'>, options?: CallOptions): Promise<Restored>
  /** Sends the bytes straight to S3 with a vended URL. */
  upload(source: Source, target: UploadTarget): Promise<void>
  /** Fetches the bytes straight from S3 with a vended URL. @returns the answer of S3, its body not yet read */
  download(request: DownloadRequest): Promise<Response>

  listPermissions(query?: RouteQuery<'listPermissions'>, options?: CallOptions): Promise<Permissions>
  createPermission(permission: RouteBody<'createPermission'>, options?: CallOptions): Promise<Permission>
  deletePermission(id: string, options?: CallOptions): Promise<void>
  myPermissions(options?: CallOptions): Promise<Permissions>
  /** Why something is allowed or refused. */
  explain(question: RouteBody<'explain'>, options?: CallOptions): Promise<Explanation>

  /** The caller's own; for administrators, all. */
  listJobs(query?: RouteQuery<'listJobs'>, options?: CallOptions): Promise<Jobs>
  job(id: string, options?: CallOptions): Promise<Job>
  /** A running job stops at its next step: look at it again. */
  cancelJob(id: string, options?: CallOptions): Promise<Job>

  auditLogs(query?: RouteQuery<'auditLogs'>, options?: CallOptions): Promise<AuditEvents>
  myActivity(query?: RouteQuery<'myActivity'>, options?: CallOptions): Promise<AuditEvents>
}

interface AnyInput {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
}

/** These carry their own proof: neither a token with them nor a renewal when they are refused. */
const WITHOUT_TOKEN: ReadonlySet<RouteName> = new Set([
  'login',
  'refresh',
  'logout',
  'signOut',
  'issuers',
  'challenge',
  'passkeyChallenge',
])

export function createClient(options: ClientOptions): SkyCrateClient {
  const byCookie = options.session === 'cookie'
  const wire = {
    byCookie,
    baseUrl: options.baseUrl.replace(/\/+$/, ''),
    fetch: options.fetch ?? globalThis.fetch.bind(globalThis),
  }
  const store = options.tokens ?? memoryTokenStore()

  const sendOnce = (
    name: RouteName,
    input: AnyInput,
    accessToken?: string,
    { signal, ifMatch }: CallOptions = {},
  ): Promise<unknown> => {
    const { method, path: pattern } = placeOf(name)
    const path = `${routePath(pattern, input.params ?? {})}${routeQuery(input.query)}`
    return send(wire, { method, path, body: input.body, accessToken, ifMatch, signal })
  }

  const onSignedOut = (reason: SignedOutReason): void => options.onSignedOut?.(reason)
  const cookie = byCookie ? createCookieSession(onSignedOut) : undefined
  const session = createTokenSession({
    store,
    now: Date.now,
    trade: async (refreshToken) =>
      (await sendOnce('refresh', { body: { refresh_token: refreshToken } })) as RouteOutput<'refresh'>,
    onSignedOut,
  })

  const callByCookie = async (
    cookie: ReturnType<typeof createCookieSession>,
    name: RouteName,
    input: AnyInput,
    options: CallOptions,
  ): Promise<unknown> => {
    try {
      const answer = await sendOnce(name, input, undefined, options)
      cookie.noteAccepted()
      return answer
    } catch (error) {
      if (!WITHOUT_TOKEN.has(name) && isTokenRefused(error)) cookie.end('expired')
      throw error
    }
  }

  const callOnce = async (name: RouteName, input: AnyInput, options: CallOptions): Promise<unknown> => {
    if (cookie) return await callByCookie(cookie, name, input, options)
    const { signal } = options
    if (WITHOUT_TOKEN.has(name)) return await sendOnce(name, input, undefined, options)
    const token = await abortable(session.accessToken(), signal)
    try {
      return await sendOnce(name, input, token, options)
    } catch (error) {
      if (token === undefined || !isTokenRefused(error)) throw error
      const renewed = await abortable(session.renew(token), signal)
      if (renewed === undefined) throw error
      return await sendOnce(name, input, renewed, options)
    }
  }

  const call = async (name: RouteName, input: AnyInput, given: CallOptions): Promise<unknown> => {
    try {
      return await callOnce(name, input, given)
    } catch (error) {
      const isFreshNeeded = error instanceof SkyCrateError && error.code === 'fresh-authentication-required'
      if (!isFreshNeeded || !(await options.confirmIdentity?.())) throw error
      return await callOnce(name, input, given)
    }
  }

  const request = <Name extends RouteName>(
    name: Name,
    input: RouteInput<Name>,
    options: CallOptions = {},
  ): Promise<RouteOutput<Name>> => call(name, input as AnyInput, options) as Promise<RouteOutput<Name>>

  const vend = (body: RouteBody<'presignedUrl'>, call: CallOptions): Promise<PresignedUrl> =>
    request('presignedUrl', { body }, call)

  const client: SkyCrateClient = {
    baseUrl: wire.baseUrl,
    fetch: wire.fetch,
    request,
    async accessToken({ signal, renew = false } = {}) {
      if (cookie) return undefined
      return await abortable(renew ? session.renew(store.read()?.accessToken) : session.accessToken(), signal)
    },
    isSignedIn: () => (cookie ?? session).isSignedIn(),
    async login(credentials, call) {
      const answer: SignInResult | CookieSession = await request('login', { body: credentials }, call)
      if ('refresh_token' in answer) session.keep(answer)
      return answer
    },
    async answerChallenge(answered, call) {
      const answer: Tokens | CookieSession = await request('challenge', { body: answered }, call)
      if ('refresh_token' in answer) session.keep(answer)
      return answer
    },
    async refresh({ signal } = {}) {
      if (!cookie) await abortable(session.renew(store.read()?.accessToken), signal)
    },
    async logout(call) {
      if (cookie) {
        const { issuerSignOutUrl } = await request('signOut', {}, call)
        cookie.end('logout')
        return issuerSignOutUrl ?? undefined
      }
      const held = store.read()
      session.end('logout')
      if (held) await request('logout', { body: { refresh_token: held.refreshToken } }, call)
      return undefined
    },
    async changePassword(change, call) {
      await request('changePassword', { body: change }, call)
    },
    me: (call) => request('me', {}, call),
    home: (call) => request('home', {}, call),
    buckets: (query = {}, call) => request('buckets', { query }, call),
    listObjects: (bucket, query = {}, call) => request('listObjects', { params: { bucket }, query }, call),
    listAll: (bucket, query = {}, call) => listAll((page) => client.listObjects(bucket, page, call), query),
    presignedUrl: (body, call = {}) => vend(body, call),
    async deleteObject(bucket, key, call) {
      await request('deleteObject', { params: { bucket, key } }, call)
    },
    listVersions: (bucket, key, query = {}, call) => request('listVersions', { params: { bucket, key }, query }, call),
    restoreObject: (body, call) => request('restoreObject', { body }, call),
    async upload(source, target) {
      await upload(vend, wire.fetch, source, target)
    },
    download: (asked) => download(vend, wire.fetch, asked),
    listPermissions: (query = {}, call) => request('listPermissions', { query }, call),
    createPermission: (body, call) => request('createPermission', { body }, call),
    async deletePermission(id, call) {
      await request('deletePermission', { params: { id } }, call)
    },
    myPermissions: (call) => request('myPermissions', {}, call),
    explain: (body, call) => request('explain', { body }, call),
    listJobs: (query = {}, call) => request('listJobs', { query }, call),
    job: (id, call) => request('job', { params: { id } }, call),
    cancelJob: (id, call) => request('cancelJob', { params: { id } }, call),
    auditLogs: (query = {}, call) => request('auditLogs', { query }, call),
    myActivity: (query = {}, call) => request('myActivity', { query }, call),
  }
  return client
}

const WRONG_PROOF: ReadonlySet<string> = new Set(['invalid-credentials', 'invalid-code'])

/** A wrong current password or code is a 401 as well, and no reason to renew anything. */
function isTokenRefused(error: unknown): boolean {
  return error instanceof SkyCrateError && error.status === 401 && !WRONG_PROOF.has(error.code)
}
