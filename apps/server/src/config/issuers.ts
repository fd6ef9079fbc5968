import { IssuerInput } from '@skycrate/contract/issuers/schemas'
import { type Algorithm, DEFAULT_ALGORITHMS, type IssuerSettings } from '@skycrate/core/identity/issuer-settings'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { schemaMistakes } from './schema-mistakes.ts'
import type { Parsed } from './setting.ts'

/** Seconds by which the clocks of an issuer and of SkyCrate may differ where the operator does not say. */
const CLOCK_TOLERANCE_SECONDS = 60

const validator = Compile(Type.Array(IssuerInput, { maxItems: 64 }))

const isUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
const listOf = (value: string | readonly string[] | undefined): readonly string[] | undefined =>
  typeof value === 'string' ? [value] : value

/** An issuer of the configuration: what its tokens must be like, and how people sign in there. */
export interface ConfiguredIssuer extends IssuerSettings {
  /** For people; undefined: its host. */
  readonly name: string | undefined
  /** Of the first client id, where that client is a confidential one. */
  readonly clientSecret: string | undefined
}

/** Issuers as JSON. Every mistake is named, each with its place in the array. */
export function parseIssuers(text: string): Parsed<readonly ConfiguredIssuer[]> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return {
      mistake: 'must be JSON: an array such as [{"issuer": "https://tenant.auth0.com/", "audience": "https://api"}]',
    }
  }
  if (!validator.Check(value)) {
    return { mistake: `must be an array of issuers: ${schemaMistakes(validator.Errors(value))}` }
  }
  const mistakes = mistakesOf(value)
  return mistakes.length > 0 ? { mistake: mistakes.join('; ') } : { value: value.map(toConfigured) }
}

function mistakesOf(issuers: readonly IssuerInput[]): string[] {
  const mistakes: string[] = []
  const seen = new Map<string, string>()
  for (const { issuer, audience, clientId, clientSecret, jwksUri } of issuers) {
    if (!isUrl(issuer)) mistakes.push(`${issuer} must be a URL, exactly as in the tokens' iss`)
    if (jwksUri !== undefined && !isUrl(jwksUri)) mistakes.push(`${issuer}: jwksUri must be a URL`)
    if (audience === undefined && clientId === undefined) {
      mistakes.push(
        `${issuer} needs an audience or a clientId: without one, a token for any other application would do`,
      )
    }
    if (clientSecret !== undefined && clientId === undefined) mistakes.push(`${issuer}: clientSecret needs a clientId`)
    // One of the two would never match, and nobody could see which.
    const bare = issuer.replace(/\/+$/, '')
    const twin = seen.get(bare)
    if (twin !== undefined) {
      mistakes.push(
        `${issuer} stands twice${twin === issuer ? '' : `, once as ${twin}: give only the one in the tokens' iss`}`,
      )
    }
    seen.set(bare, issuer)
  }
  return mistakes
}

function toConfigured(given: IssuerInput): ConfiguredIssuer {
  return { ...toSettings(given), name: given.name, clientSecret: given.clientSecret }
}

/** What an issuer's tokens must be like, with the defaults for what was not said. */
export function toSettings(given: Omit<IssuerInput, 'clientSecret'>): IssuerSettings {
  return {
    issuer: given.issuer,
    audience: listOf(given.audience),
    clientId: listOf(given.clientId),
    algorithms: (given.algorithms as readonly Algorithm[] | undefined) ?? DEFAULT_ALGORITHMS,
    claims: given.claims ?? {},
    jwksUri: given.jwksUri,
    clockToleranceSeconds: given.clockToleranceSeconds ?? CLOCK_TOLERANCE_SECONDS,
    adminGroups: given.adminGroups ?? [],
    scopes: given.scopes,
    direct: given.direct,
    allow: given.allow,
  }
}
