import { readProblem } from './read-problem.ts'
import { retryAfterMs } from './retry-after.ts'
import { API_BASE } from '@skycrate/contract/paths'
import { SESSION_BY_COOKIE, SESSION_HEADER } from '@skycrate/contract/session-header'
import { SkyCrateError } from './skycrate-error.ts'
import { wait } from './wait.ts'

/** How often one GET is sent while the server answers 503 with a short Retry-After. */
const ATTEMPTS = 3

export interface Outgoing {
  readonly method: string
  /** Below the API's base, with its query. */
  readonly path: string
  /** Sent as JSON; a Blob as it is, under its own type. */
  readonly body?: unknown
  readonly accessToken?: string | undefined
  /** The `updatedAt` of the version that was read. */
  readonly ifMatch?: string | undefined
  readonly signal?: AbortSignal | undefined
}

export interface SendOptions {
  readonly baseUrl: string
  readonly fetch: typeof fetch
  /** Whether the browser's cookie is the credential. */
  readonly byCookie?: boolean
}

/**
 * Sends one request and reads its answer.
 * @returns undefined for 204; a Blob for a file
 * @throws SkyCrateError; the signal's reason where that is aborted
 */
export async function send({ baseUrl, fetch, byCookie = false }: SendOptions, outgoing: Outgoing): Promise<unknown> {
  const { method, path, body, accessToken, ifMatch, signal } = outgoing
  const headers: Record<string, string> = { accept: 'application/json' }
  if (accessToken !== undefined) headers['authorization'] = `Bearer ${accessToken}`
  if (byCookie) headers[SESSION_HEADER] = SESSION_BY_COOKIE
  if (ifMatch !== undefined) headers['if-match'] = `"${ifMatch}"`
  if (body !== undefined) headers['content-type'] = body instanceof Blob ? body.type : 'application/json'
  const init: RequestInit = {
    method,
    headers,
    // One credential at a time, and no cache that outlives a sign-out.
    credentials: byCookie ? 'same-origin' : 'omit',
    cache: 'no-store',
    redirect: 'error',
    ...(body === undefined ? {} : { body: body instanceof Blob ? body : JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(`${baseUrl}${API_BASE}${path}`, init).catch((error: unknown) => {
      throw signal?.aborted ? error : unreachable(error)
    })
    if (response.ok) return await readBody(response, signal)
    const pause = method === 'GET' && response.status === 503 && attempt < ATTEMPTS
    const milliseconds = pause ? retryAfterMs(response.headers.get('retry-after'), Date.now()) : undefined
    if (milliseconds === undefined) throw await readProblem(response)
    await response.body?.cancel()
    await wait(milliseconds, signal)
  }
}

async function readBody(response: Response, signal: AbortSignal | undefined): Promise<unknown> {
  if (response.status === 204) return undefined
  const isFile = response.headers.get('content-disposition')?.startsWith('attachment') === true
  return isFile ? await response.blob() : await readJson(response, signal)
}

async function readJson(response: Response, signal: AbortSignal | undefined): Promise<unknown> {
  try {
    return await response.json()
  } catch (error) {
    if (signal?.aborted) throw error
    throw new SkyCrateError({
      code: 'unexpected-response',
      title: 'The answer did not come from SkyCrate',
      detail: 'It is not the JSON that was asked for.',
      status: response.status,
      cause: error,
    })
  }
}

function unreachable(cause: unknown): SkyCrateError {
  return new SkyCrateError({
    code: 'unreachable',
    title: 'The server cannot be reached',
    detail: 'Check the connection and try again.',
    cause,
  })
}
