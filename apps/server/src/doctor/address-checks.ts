import { connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import { isLoopback } from '@skycrate/issuer-keys/loopback'
import { bad, checksOf, type Finding, good, messageOf, skipped, type Verdict, warning } from './finding.ts'

const CONNECT_MS = 15_000
const DAY_MS = 86_400_000
/** Certificates are renewed 30 days before they end, as a rule. */
const WARN_DAYS = 14

/** Each address that clients use: its certificate, and whether it leads here. */
export async function checkAddresses(options: {
  readonly publicUrl: string
  readonly storeEndpoint: string
  readonly now: () => number
}): Promise<readonly Finding[]> {
  const { publicUrl, storeEndpoint, now } = options
  const checks = checksOf('addresses')
  await checks.run('public-url-tls', `TLS of ${publicUrl}`, () => checkTls(publicUrl, now))
  await checks.run('public-url', publicUrl, () => leadsHere(publicUrl))
  await checks.run('store-tls', `TLS of ${storeEndpoint}`, () => checkTls(storeEndpoint, now))
  return checks.findings
}

async function checkTls(address: string, now: () => number): Promise<Verdict> {
  const url = new URL(address)
  if (url.protocol === 'http:') {
    return isLoopback(address)
      ? skipped('It is an address of this machine alone, without TLS.')
      : warning(
          'It is http: everybody on the way can read and change what is sent.',
          'Put a proxy with a certificate in front, or set SKYCRATE_TLS_CERT and SKYCRATE_TLS_KEY.',
        )
  }
  const mend = 'Install a certificate for this host name that browsers trust, with its intermediate certificates.'
  let shaken
  try {
    shaken = await shakeHands(url)
  } catch (error) {
    return bad(
      `There is no TLS connection: ${messageOf(error)}.`,
      'Start what serves the address, and correct its name in DNS.',
    )
  }
  const { certificate, trusted, protocol } = shaken
  if (trusted !== undefined) return bad(`The certificate is not trusted: ${trusted}.`, mend)
  const days = Math.floor((Date.parse(certificate.valid_to) - now()) / DAY_MS)
  if (days < 0) return bad(`The certificate ended on ${certificate.valid_to}.`, 'Renew the certificate.')
  const detail = `${protocol}; the certificate ends in ${days} days.`
  return days < WARN_DAYS
    ? warning(detail, 'Renew the certificate, and look why that did not happen by itself.')
    : good(detail)
}

async function shakeHands(url: URL): Promise<{
  readonly certificate: PeerCertificate
  readonly trusted: string | undefined
  readonly protocol: string
}> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>()
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const socket: TLSSocket = connect(
    {
      host,
      port: Number(url.port || 443),
      ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
      minVersion: 'TLSv1.2',
      // Looked at below: a certificate that is not trusted is a finding, not a failure to connect.
      rejectUnauthorized: false,
      timeout: CONNECT_MS,
    },
    () => resolve(socket),
  )
  socket.once('error', reject)
  socket.once('timeout', () => reject(new Error(`no answer within ${CONNECT_MS / 1000} seconds`)))
  try {
    await promise
    return {
      certificate: socket.getPeerCertificate(),
      trusted: socket.authorized ? undefined : String(socket.authorizationError),
      protocol: socket.getProtocol() ?? 'TLS',
    }
  } finally {
    socket.destroy()
  }
}

/** Asks for SkyCrate's discovery document, which names its issuer. */
async function leadsHere(publicUrl: string): Promise<Verdict> {
  const mend = 'Correct SKYCRATE_PUBLIC_URL, or the proxy that serves it.'
  try {
    const answer = await fetch(`${publicUrl}/.well-known/openid-configuration`, {
      signal: AbortSignal.timeout(CONNECT_MS),
      redirect: 'error',
    })
    const { issuer } = (await answer.json()) as { issuer?: unknown }
    return issuer === publicUrl
      ? good('The address leads to SkyCrate.')
      : bad('Something else answers there, or a SkyCrate with another SKYCRATE_PUBLIC_URL.', mend)
  } catch (error) {
    return warning(
      `SkyCrate does not answer there: ${messageOf(error)}.`,
      `Start SkyCrate. If it runs, ${mend[0]!.toLowerCase()}${mend.slice(1)} From behind some networks a public address can't be reached; then ask from outside.`,
    )
  }
}
