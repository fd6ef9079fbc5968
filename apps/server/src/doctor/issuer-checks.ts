import type { IssuerSettings } from '@skycrate/core/identity/issuer-settings'
import { testIssuer } from '../issuers/test-issuer.ts'
import { bad, checksOf, type Finding, good, skipped } from './finding.ts'

/** Issuers that are asked, and how many at once. */
const MAX_ISSUERS = 50

export interface NamedIssuer {
  readonly name: string
  readonly settings: IssuerSettings
}

/** @param issuers undefined where those of the database could not be read */
export async function checkIssuers(
  issuers: readonly NamedIssuer[] | undefined,
  options: { readonly allowInsecureLoopback: boolean; readonly now: () => number },
): Promise<readonly Finding[]> {
  const checks = checksOf('issuers')
  if (issuers === undefined) {
    await checks.run('all', 'Issuers', () => skipped('The issuers could not be read from the database.'))
    return checks.findings
  }
  if (issuers.length === 0) {
    await checks.run('all', 'Issuers', () => skipped('There are none: users sign in with built-in accounts.'))
    return checks.findings
  }
  const found = await Promise.all(
    issuers.slice(0, MAX_ISSUERS).map(async ({ name, settings }, at) => {
      const each = checksOf('issuers')
      await each.run(
        String(at + 1),
        `${name} (${settings.issuer})`,
        async () => {
          const { discovery, keys } = await testIssuer({
            settings,
            token: undefined,
            allowInsecureLoopback: options.allowInsecureLoopback,
            now: options.now(),
          })
          if (discovery.outcome === 'bad') {
            return bad(
              `Its discovery document can't be read from ${discovery.url}: ${discovery.detail}`,
              'Correct the URL of the issuer, and let this machine reach it.',
            )
          }
          if (keys.outcome === 'bad') {
            return bad(
              `Its keys can't be read: ${keys.detail}`,
              'Correct jwksUri, or ask who runs the issuer: without keys nobody can sign in through it.',
            )
          }
          return good(`Discovery and ${keys.keys.length === 1 ? 'one key' : `${keys.keys.length} keys`} were read.`)
        },
        'Correct the URL of the issuer, and let this machine reach it.',
      )
      return each.findings
    }),
  )
  const left = issuers.length - MAX_ISSUERS
  if (left > 0) await checks.run('more', 'Further issuers', () => skipped(`${left} more are not checked.`))
  return [...found.flat(), ...checks.findings]
}
