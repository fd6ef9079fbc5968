import { bad, type Checks, good, messageOf, skipped } from './finding.ts'

const TIMEOUT_MS = 15_000
const MAX_ORIGINS = 5

/** Asks as a browser does before it uploads from a page of each origin, and reads what it would let the page see. */
export async function checkCors(
  checks: Checks,
  id: string,
  bucket: string,
  origins: readonly string[],
  sign: (method: string) => Promise<{ readonly url: string }>,
): Promise<void> {
  await checks.run(id, `CORS of ${bucket}`, async () => {
    if (origins.length === 0) return skipped('No page is to use it.')
    const shutOut: string[] = []
    for (const origin of origins.slice(0, MAX_ORIGINS)) {
      const reason = await refusalOf(origin, sign).catch((error: unknown) => messageOf(error))
      if (reason !== undefined) shutOut.push(`${origin} (${reason})`)
    }
    return shutOut.length === 0
      ? good(`Pages of ${origins.join(', ')} may upload and download.`)
      : bad(
          `The bucket does not let pages of these origins upload and download: ${shutOut.join(', ')}.`,
          'Allow the origin in the CORS configuration of the bucket: open the bucket on the Buckets page, and apply its settings. A proxy in front of the store must pass OPTIONS on.',
        )
  })
}

async function refusalOf(
  origin: string,
  sign: (method: string) => Promise<{ readonly url: string }>,
): Promise<string | undefined> {
  const preflight = await fetch((await sign('PUT')).url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'content-type,if-none-match',
    },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  await preflight.body?.cancel()
  const allows = (name: string, wanted: string): boolean => {
    const values = (preflight.headers.get(name) ?? '').split(',').map((value) => value.trim().toLowerCase())
    return values.includes('*') || values.includes(wanted.toLowerCase())
  }
  if (!preflight.ok || !allows('access-control-allow-origin', origin)) return `preflight answered ${preflight.status}`
  if (!allows('access-control-allow-methods', 'PUT')) return 'PUT is not allowed'
  if (!allows('access-control-allow-headers', 'if-none-match')) return 'the header if-none-match is not allowed'
  const answer = await fetch((await sign('GET')).url, { headers: { origin }, signal: AbortSignal.timeout(TIMEOUT_MS) })
  await answer.body?.cancel()
  const exposed = (answer.headers.get('access-control-expose-headers') ?? '').toLowerCase()
  return exposed.includes('etag') || exposed === '*' ? undefined : 'the header ETag is not exposed'
}
