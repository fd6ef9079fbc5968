import type { Door } from '@skycrate/contract/audit-actions'
import type { CookieSession, Tokens } from '@skycrate/contract/auth/schemas'
import { API_BASE, placeOf, type RouteName } from '@skycrate/contract/paths'
import { plain } from '@skycrate/contract/plain-schema'
import type { Route } from '@skycrate/contract/route'
import { ROUTES } from '@skycrate/contract/routes'
import type { ProblemCode } from '@skycrate/contract/problem'
import { problemsOf } from '@skycrate/contract/problems-of'
import type { Caller } from '@skycrate/core/access/permission'
import type { TokenId } from '@skycrate/core/naming/id'
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify'
import type { Static, TSchema } from 'typebox'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'
import { etagOf, type Precondition, preconditionOf } from '../precondition.ts'
import type { CallerLimits } from '../limits/caller-limits.ts'
import { refuseThrottled } from '../limits/refuse-throttled.ts'
import { type Authenticator, ID_TOKEN_ADVICE, type SignedIn } from '../identity/authenticator.ts'
import { requireFresh } from '../identity/require-fresh.ts'
import { type Presented, presentedBy } from '../identity/presented.ts'
import type { BrowserSessions } from '../accounts/browser-sessions.ts'
import type { Browser } from './browser.ts'
import { Download } from './download.ts'
import { asPlainJson } from './plain-json.ts'
import { Redirect } from './redirect.ts'

type Part<R, P extends string> = R extends { readonly [K in P]: infer S extends TSchema } ? Static<S> : undefined
type Success<R extends Route> = R['success'] extends { readonly body: infer S extends TSchema }
  ? Static<S>
  : R['success'] extends { readonly download: readonly string[] }
    ? Download
    : R['success'] extends { readonly status: 302 }
      ? Redirect
      : void

/** Who a route's handler learns of, by its audience. */
type Who<R extends Route> = R['audience'] extends 'anyone'
  ? undefined
  : R['audience'] extends 'guest'
    ? Caller
    : SignedIn

/** What a handler receives: the parts of the request that the contract names, checked, and who asks. */
export interface Input<R extends Route> {
  readonly who: Who<R>
  readonly body: R extends { readonly upload: object } ? Buffer : Part<R, 'body'>
  readonly query: Part<R, 'query'>
  readonly params: Part<R, 'params'>
  readonly origin: RequestOrigin
  /** Of the request's `If-Match`. */
  readonly precondition: Precondition
  /** Answers with `statusIfKnown`: what was asked for was there before. */
  readonly wasKnown: () => void
  readonly request: FastifyRequest
  /** For cookies; the answer itself is what the handler returns. */
  readonly reply: FastifyReply
}

export type Handler<N extends RouteName> = (input: Input<(typeof ROUTES)[N]>) => Promise<Success<(typeof ROUTES)[N]>>
export type HandlersOf<Names extends RouteName> = { readonly [N in Names]: Handler<N> }
export type Handlers = HandlersOf<RouteName>

export interface CallerOptions {
  readonly authenticator: Authenticator
  readonly audit: AuditLog
  readonly limits: Pick<CallerLimits, 'userRequest' | 'guestRequest'>
  /** Whether guests are let in. */
  readonly guests: boolean
  readonly browser: Browser
  readonly browserSessions: Pick<BrowserSessions, 'carry' | 'end'>
  /** Milliseconds since the epoch; the clock when absent. */
  readonly now?: () => number
}

/** Registers every route of the contract; a route without a handler does not compile. */
export function registerRoutes(app: FastifyInstance, handlers: Handlers, options: CallerOptions): void {
  const { authenticator, browser } = options
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const route: Route = ROUTES[name]
    const handler = handlers[name] as (input: Input<Route>) => Promise<unknown>
    const { method, path } = placeOf(name)
    const identify = identifier(route, { method, path }, options)
    const { status, statusIfKnown = status, body } = route.success
    app.route({
      method,
      url: API_BASE + path,
      schema: {
        ...(route.body && { body: route.body }),
        ...(route.query && { querystring: route.query }),
        ...(route.params && { params: route.params }),
        ...(body && { response: { [status]: plain(body), [statusIfKnown]: plain(body) } }),
      },
      config: { uploads: route.upload?.type, oauth: route.oauth, form: route.form, problems: problemsOf(route) },
      ...(route.bodyLimit !== undefined && { bodyLimit: route.bodyLimit }),
      ...(route.upload && { bodyLimit: route.upload.limit }),
      // Before the body is read: who is not let in has nothing to upload.
      ...(identify && { onRequest: asHook(identify) }),
      ...(route.bodyOptional && { preValidation: emptyForNone }),
      handler: async (request: FastifyRequest, reply: FastifyReply) => {
        const byCookie = route.signsIn === true && browser.wantsCookie(request)
        // Nobody is signed in by another site either: what they then do would be in a stranger's name.
        if (byCookie) browser.requireOwnPage(request)
        let answer = status
        // A body may take its time: whoever was suspended or signed out meanwhile is looked at again.
        if (identify && request.who !== GUEST && authenticator.peek(request.presented, route) !== request.who) {
          await identify(request, reply)
        }
        const result = await handler({
          who: request.who as never,
          body: request.body as never,
          query: request.query as never,
          params: request.params as never,
          origin: originOf(request),
          precondition: preconditionOf(request.headers['if-match']),
          wasKnown: () => {
            answer = statusIfKnown
          },
          request,
          reply,
        })
        reply.code(answer).header('cache-control', 'no-store')
        if (answer === 204) return reply.send()
        if (byCookie && isTokens(result)) {
          return asPlainJson(reply).send(await keepByCookie(result, request, reply, options))
        }
        if (result instanceof Redirect) return reply.header('location', result.location).send()
        if (result instanceof Download) {
          reply.type(result.type).header('content-disposition', `attachment; filename="${result.filename}"`)
          return reply.send(result.body)
        }
        // What a deletion starts is no version of the row.
        const updatedAt = (result as { updatedAt?: string }).updatedAt
        if (route.versioned && updatedAt !== undefined) reply.header('etag', etagOf(updatedAt))
        return result
      },
    })
  }
}

const isTokens = (result: unknown): result is Tokens =>
  (result as Partial<Tokens> | undefined)?.refresh_token !== undefined

/** The session is a new one, and the one before in this browser ends: nobody goes on with a cookie that was there before. */
async function keepByCookie(
  tokens: Tokens,
  request: FastifyRequest,
  reply: FastifyReply,
  { browser, browserSessions }: CallerOptions,
): Promise<CookieSession> {
  const before = browser.cookieOf(request, browser.cookies.session)
  const opened = await browserSessions.carry(tokens.refresh_token)
  if (before !== undefined) await browserSessions.end(before, originOf(request))
  browser.keep(reply, opened)
  return { session: 'cookie', expiresAt: opened.expiresAt.toISOString() }
}

declare module 'fastify' {
  interface FastifyRequest {
    who: SignedIn | Caller | undefined
    /** Set where the route has to know who asks. */
    presented: Presented | undefined
    /** Read by `clientAddress`; Fastify's own `ip` knows nothing of trusted proxies. '' for a connection that is gone. */
    clientAddress: string
  }
  interface FastifyContextConfig {
    /** The media type that this route takes instead of JSON. */
    uploads?: 'text/csv' | undefined
    /** It takes forms, and its refusals have OAuth's fields. */
    oauth?: true | undefined
    /** Whether this route takes a form instead of JSON. */
    form?: true | undefined
    /** The codes that the contract declares for this route; undefined beside the API. */
    problems?: ReadonlySet<ProblemCode>
  }
}

function emptyForNone(request: FastifyRequest, _reply: FastifyReply, done: () => void): void {
  request.body ??= {}
  done()
}

export const GUEST: Caller = { guest: true }

function identifier(route: Route, place: { readonly method: string; readonly path: string }, options: CallerOptions) {
  const { authenticator, audit, limits, guests, browser, now = Date.now } = options
  const { audience } = route
  if (audience === 'anyone') return undefined
  const cookieName = browser.cookies.session
  const refuseForgery = (request: FastifyRequest): void =>
    place.method === 'GET' ? browser.refuseOtherSites(request) : browser.requireOwnPage(request)

  async function authenticate(presented: Presented | undefined, request: FastifyRequest, reply: FastifyReply) {
    try {
      return await authenticator.authenticate(presented, originOf(request), route)
    } catch (error) {
      if (error instanceof AppError && error.code === 'session-ended') browser.forget(reply)
      throw error
    }
  }

  /** @returns a promise where something has to be recorded or looked up */
  function identify(request: FastifyRequest, reply: FastifyReply): void | Promise<void> {
    const presented = presentedBy(request.headers, cookieName)
    request.presented = presented
    if (audience === 'guest' && guests && presented === undefined) {
      const wait = limits.guestRequest(request.clientAddress)
      if (wait > 0) return refuseThrottled(audit, null, 'guest-requests', wait, originOf(request))
      request.who = GUEST
      return
    }
    if (presented?.kind === 'cookie') refuseForgery(request)
    const signedIn = authenticator.peek(presented, route)
    if (signedIn) return admit(signedIn, request)
    return authenticate(presented, request, reply).then((found) => admit(found, request))
  }

  function admit(signedIn: SignedIn, request: FastifyRequest): void | Promise<void> {
    // An administrator has to get through when it matters.
    const wait = signedIn.isAdmin ? 0 : limits.userRequest(signedIn.userId)
    if (wait > 0) return refuseThrottled(audit, signedIn.userId, 'user-requests', wait, originOf(request))
    if (signedIn.tokenId !== null && !route.tokens && !(audience === 'admin' && signedIn.isAdmin)) {
      return refuse(signedIn, request, { tokenId: signedIn.tokenId })
    }
    if (signedIn.isIdToken && !route.tokens && !route.idTokens) throw new AppError('invalid-token', ID_TOKEN_ADVICE)
    if (audience === 'admin' && !signedIn.isAdmin) return refuse(signedIn, request)
    if (route.fresh === true || (route.fresh && signedIn.hasSecondFactor)) requireFresh(signedIn, now())
    request.who = signedIn
  }

  /** With a token, for what its scope leaves out; without one, for what only an administrator may do. */
  async function refuse(
    { userId }: SignedIn,
    request: FastifyRequest,
    token?: { readonly tokenId: TokenId },
  ): Promise<never> {
    const by = token
      ? ({ action: 'token.use', reason: 'insufficient-scope', detail: { ...token, ...place } } as const)
      : ({ action: 'admin.request', reason: 'not-administrator', detail: place } as const)
    await audit.record({ ...by, outcome: 'deny', userId, bucket: null, key: null, origin: originOf(request) })
    throw token
      ? new AppError(
          'insufficient-scope',
          audience === 'admin' ? ADMIN_SCOPE_ADVICE : 'No access token can do this. Sign in.',
        )
      : new AppError('forbidden', 'Only an administrator may do this.')
  }

  return identify
}

/** As a hook that costs nothing where there is nothing to wait for: Fastify takes either a promise or the call. */
function asHook(identify: NonNullable<ReturnType<typeof identifier>>) {
  const hook = (...[request, reply, done]: Parameters<onRequestHookHandler>): void | Promise<void> => {
    let pending
    try {
      pending = identify(request, reply)
    } catch (error) {
      return done(error as Error)
    }
    if (pending) return pending
    done()
  }
  return hook as onRequestHookHandler
}

const ADMIN_SCOPE_ADVICE = 'This takes an access token of an administrator with the admin scope.'

export function originOf(request: FastifyRequest, door: Door = 'rest'): RequestOrigin {
  const { who } = request
  return {
    requestId: request.id,
    ip: request.clientAddress === '' ? null : request.clientAddress,
    userAgent: request.headers['user-agent']?.slice(0, 512) ?? null,
    door,
    tokenId: who !== undefined && 'tokenId' in who ? who.tokenId : null,
  }
}
