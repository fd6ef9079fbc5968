import type { Config } from '../config/config.ts'
import type { StoreTarget } from '../stores/store-target.ts'
import { bad, checksOf, type Finding, good, warning } from './finding.ts'

/** What is allowed by the settings, and still not what an operator wants. */
export async function checkConfiguration(
  config: Config,
  target: Pick<StoreTarget, 'publicEndpoint'>,
): Promise<readonly Finding[]> {
  const checks = checksOf('configuration')
  const { publicUrl, tls, trustedProxies } = config.http
  const isHttps = publicUrl.startsWith('https:')
  await checks.run('settings', 'Settings', () => good('All settings are valid.'))
  await checks.run('production', 'Production', () =>
    config.production || !isHttps
      ? good(config.production ? 'Unsafe settings are refused.' : 'This is no production system.')
      : warning(
          'The system has a public https URL, but unsafe settings are not refused.',
          'Set SKYCRATE_PRODUCTION=true.',
        ),
  )
  await checks.run('proxies', 'Client addresses', () =>
    isHttps && tls === undefined && trustedProxies === 0
      ? warning(
          'A proxy serves https, but its X-Forwarded-For is not read: all clients seem to have its address, and share its limits.',
          'Set SKYCRATE_TRUST_PROXY to the number of proxies in front.',
        )
      : good(
          trustedProxies === 0
            ? 'Addresses are those of the connections.'
            : `Addresses come from X-Forwarded-For, with ${trustedProxies === 1 ? 'one proxy' : `${trustedProxies} proxies`} in front.`,
        ),
  )
  await checks.run('mixed-content', 'Uploads from the web app', () =>
    isHttps && target.publicEndpoint.startsWith('http:')
      ? bad(
          `Pages of ${publicUrl} may not use ${target.publicEndpoint}: browsers refuse http on an https page.`,
          'Set SKYCRATE_TLS_CERT and SKYCRATE_TLS_KEY, or put the store behind https and name its URL in S3_PUBLIC_ENDPOINT.',
        )
      : good('Browsers may use the store from the web app.'),
  )
  return checks.findings
}
