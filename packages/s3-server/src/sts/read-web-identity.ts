import { parseConditions } from '@skycrate/core/access/iam/condition'
import type { Condition } from '@skycrate/core/access/iam/condition'
import { isConditionKey } from '@skycrate/core/access/iam/condition-keys'
import { parsePolicy } from '@skycrate/core/access/iam/parse-policy'
import type { Policy } from '@skycrate/core/access/iam/policy'
import { keysOfConditions, keysOfPolicy } from '@skycrate/core/access/iam/policy-keys'
import { ALGORITHMS, DEFAULT_ALGORITHMS } from '@skycrate/core/identity/issuer-settings'
import type { Algorithm, IssuerSettings } from '@skycrate/core/identity/issuer-settings'
import { isTrustworthy } from '@skycrate/issuer-keys/trustworthy-url'
import { parseRoleArn } from '../auth/identity.ts'
import { claimOf, issuerName } from '../auth/web-identity.ts'
import { LEAST_SECONDS, MOST_SECONDS } from './session-parameters.ts'

/** A role as it was configured, its policy read. */
export interface TrustedRole {
  readonly arn: string
  readonly policy: Policy
  readonly conditions: readonly Condition[]
  readonly maxSeconds: number
  readonly takesTags: boolean
  /** Names of the claims, in lower case, that the policy turns on. */
  readonly claims: readonly string[]
}

export interface TrustedIssuer {
  readonly settings: IssuerSettings
  readonly roles: ReadonlyMap<string, TrustedRole>
}

export type ReadWebIdentity =
  | { readonly outcome: 'read'; readonly issuers: readonly TrustedIssuer[] }
  | { readonly outcome: 'mistaken'; readonly mistakes: readonly string[] }

type Report = (mistake: string) => void
type JsonObject = Readonly<Record<string, unknown>>

const ISSUER_FIELDS = new Set(['issuer', 'audience', 'jwksUri', 'algorithms', 'roles'])
const ROLE_FIELDS = new Set(['arn', 'policy', 'condition', 'maxSeconds', 'tags'])
const DEFAULT_SECONDS = 3600
const CLOCK_TOLERANCE_SECONDS = 60
/** Their keys would be taken for those of AWS. */
const RESERVED = new Set(['aws', 's3', 'sts'])

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string' && each !== '')

const reportUnknown = (given: JsonObject, known: ReadonlySet<string>, report: Report): void => {
  for (const name of Object.keys(given)) if (!known.has(name)) report(`does not know ${name}`)
}

/** Keys that would never be there: a slip in one makes an Allow that allows nothing, or a Deny that denies nothing. */
const reportStrangeKeys = (keys: ReadonlySet<string>, issuer: string, also: RegExp, report: Report): void => {
  for (const key of keys) {
    if (claimOf(key, issuer) === undefined && !isConditionKey(key) && !also.test(key)) {
      report(`the key ${key} is neither one of ${issuerName(issuer)} nor one that the store knows`)
    }
  }
}

const readPolicy = (given: unknown, issuer: string, report: Report): Policy => {
  const parsed = isObject(given)
    ? parsePolicy(JSON.stringify(given), { kind: 'session' })
    : ({ outcome: 'malformed', message: 'has to be an IAM policy, { "Version", "Statement" }' } as const)
  if (parsed.outcome === 'malformed') {
    report(`policy: ${parsed.message}`)
    return { statements: [] }
  }
  reportStrangeKeys(keysOfPolicy(parsed.policy), issuer, /^$/, (mistake) => {
    report(`policy: ${mistake}`)
  })
  return parsed.policy
}

const readConditions = (given: unknown, issuer: string, report: Report): readonly Condition[] => {
  if (given === undefined) return []
  const conditions = parseConditions(given, true)
  if (typeof conditions === 'string') {
    report(`condition: ${conditions}`)
    return []
  }
  reportStrangeKeys(keysOfConditions(conditions), issuer, /^(?:sts:rolesessionname|aws:tagkeys)$/, (mistake) => {
    report(`condition: ${mistake}`)
  })
  return conditions
}

const readRole = (given: unknown, issuer: string, report: Report): TrustedRole | undefined => {
  if (!isObject(given)) {
    report('has to be an object')
    return undefined
  }
  reportUnknown(given, ROLE_FIELDS, report)
  const { arn, maxSeconds = DEFAULT_SECONDS, tags = false } = given
  const isRole = typeof arn === 'string' && arn.length <= 2048 && parseRoleArn(arn) !== undefined
  if (!isRole) report('arn has to be that of a role, such as arn:aws:iam::123456789012:role/name')
  const isDuration = typeof maxSeconds === 'number' && Number.isInteger(maxSeconds)
  if (!isDuration || maxSeconds < LEAST_SECONDS || maxSeconds > MOST_SECONDS) {
    report(`maxSeconds has to be ${LEAST_SECONDS} to ${MOST_SECONDS}`)
  }
  if (typeof tags !== 'boolean') report('tags has to be true or false')
  const policy = readPolicy(given['policy'], issuer, report)
  const conditions = readConditions(given['condition'], issuer, report)
  if (!isRole) return undefined
  return {
    arn,
    policy,
    conditions,
    maxSeconds: maxSeconds as number,
    takesTags: tags === true,
    claims: [...keysOfPolicy(policy)].flatMap((key) => claimOf(key, issuer) ?? []),
  }
}

const readRoles = (given: unknown, issuer: string, report: Report): ReadonlyMap<string, TrustedRole> => {
  const roles = new Map<string, TrustedRole>()
  if (!Array.isArray(given) || given.length === 0) {
    report('roles has to be a list of at least one')
    return roles
  }
  for (const [at, each] of given.entries()) {
    const role = readRole(each, issuer, (mistake) => {
      report(`roles[${at}]: ${mistake}`)
    })
    if (role === undefined) continue
    if (roles.has(role.arn)) report(`roles[${at}]: ${role.arn} stands twice`)
    roles.set(role.arn, role)
  }
  return roles
}

const readUrl = (given: unknown, name: string, report: Report): string => {
  if (typeof given === 'string' && isTrustworthy(given, true)) return given
  report(`${name} has to be an https URL, or an http one on loopback`)
  return ''
}

const readIssuer = (given: unknown, report: Report): TrustedIssuer | undefined => {
  if (!isObject(given)) {
    report('has to be an object')
    return undefined
  }
  reportUnknown(given, ISSUER_FIELDS, report)
  const { audience, jwksUri, algorithms = DEFAULT_ALGORITHMS } = given
  const issuer = readUrl(given['issuer'], 'issuer', report)
  if (RESERVED.has(issuerName(issuer).toLowerCase())) report('issuer has a name that policies keep for AWS')
  if (!isTexts(audience)) report('audience has to be a list of texts: without one, a token for anybody would do')
  const known = (each: unknown): boolean => (ALGORITHMS as readonly unknown[]).includes(each)
  if (!isTexts(algorithms) || !algorithms.every(known)) report(`algorithms has to be some of ${ALGORITHMS.join(', ')}`)
  const audiences = isTexts(audience) ? audience : []
  return {
    settings: {
      issuer,
      audience: audiences,
      clientId: audiences,
      algorithms: algorithms as readonly Algorithm[],
      claims: {},
      ...(jwksUri === undefined ? {} : { jwksUri: readUrl(jwksUri, 'jwksUri', report) }),
      clockToleranceSeconds: CLOCK_TOLERANCE_SECONDS,
      adminGroups: [],
    },
    roles: readRoles(given['roles'], issuer, report),
  }
}

/** Reads a list of issuers whole: every mistake is named, with its place in the list. */
export const readWebIdentity = (value: unknown): ReadWebIdentity => {
  if (!Array.isArray(value)) return { outcome: 'mistaken', mistakes: ['has to be a list of issuers'] }
  const mistakes: string[] = []
  const names = new Set<string>()
  const issuers = value.flatMap((each: unknown, at): readonly TrustedIssuer[] => {
    const issuer = readIssuer(each, (mistake) => mistakes.push(`[${at}]: ${mistake}`))
    if (issuer === undefined) return []
    // Policies could not tell the two apart.
    const name = issuerName(issuer.settings.issuer).replace(/\/+$/, '')
    if (name !== '' && names.has(name)) mistakes.push(`[${at}]: ${name} stands twice`)
    names.add(name)
    return [issuer]
  })
  return mistakes.length > 0 ? { outcome: 'mistaken', mistakes } : { outcome: 'read', issuers }
}
