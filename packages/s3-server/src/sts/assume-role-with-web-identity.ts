import { holds } from '@skycrate/core/access/iam/condition'
import type { ConditionContext } from '@skycrate/core/access/iam/condition'
import { parsePolicy } from '@skycrate/core/access/iam/parse-policy'
import { keysOfPolicy } from '@skycrate/core/access/iam/policy-keys'
import { conditionContext } from '../auth/condition-context.ts'
import { ACCOUNT_ID, parseRoleArn } from '../auth/identity.ts'
import type { Session } from '../auth/session.ts'
import { claimOf, providerArn } from '../auth/web-identity.ts'
import type { WebIdentity } from '../auth/web-identity.ts'
import type { RequestContext } from '../request-context.ts'
import { element } from '@skycrate/aws-wire/write-xml'
import type { XmlElement } from '@skycrate/aws-wire/write-xml'
import { claimsOfToken } from './claims-of-token.ts'
import type { ClaimTexts } from './claims-of-token.ts'
import { issueSession } from './issue-session.ts'
import type { TrustedRole } from './read-web-identity.ts'
import { readDuration, readRole, readSessionName, readSessionPolicy, refuseUnknown } from './session-parameters.ts'
import { sessionTags } from './session-tags.ts'
import { StsError } from '@skycrate/aws-wire/sts-error'
import type { VerifiedToken } from './web-identities.ts'

const SECOND = 1000
const DEFAULT_SECONDS = 3600
const ACTION = 'sts:AssumeRoleWithWebIdentity'

const KNOWN = new Set([
  'Action',
  'Version',
  'RoleArn',
  'RoleSessionName',
  'WebIdentityToken',
  'Policy',
  'DurationSeconds',
])

/** Claims that a session keeps whatever its policies ask for. */
const ALWAYS_KEPT = ['sub', 'aud', 'oaud', 'azp', 'amr']

/** What a role's condition may know of whoever wants to assume it. */
interface Candidate {
  readonly issuer: string
  readonly provider: string
  readonly name: string
  readonly claims: ClaimTexts
  readonly tags: ReadonlyMap<string, string>
}

const REQUEST_TAG = 'aws:requesttag/'

const trustContext = ({ site, request, now }: RequestContext, candidate: Candidate): ConditionContext => {
  const ofRequest = conditionContext({
    site,
    request,
    now,
    identity: { kind: 'anonymous' },
    proof: undefined,
    action: ACTION,
    resource: {},
  })
  return (key) => {
    const claim = claimOf(key, candidate.issuer)
    if (claim !== undefined) return candidate.claims.get(claim)
    if (key === 'sts:rolesessionname') return [candidate.name]
    if (key === 'aws:federatedprovider') return [candidate.provider]
    if (key === 'aws:tagkeys') return candidate.tags.size === 0 ? undefined : [...candidate.tags.keys()]
    if (!key.startsWith(REQUEST_TAG)) return ofRequest(key)
    const tag = candidate.tags.get(key.slice(REQUEST_TAG.length))
    return tag === undefined ? undefined : [tag]
  }
}

const denied = (action = ACTION): StsError => new StsError('AccessDenied', `Not authorized to perform ${action}`)

/** @throws StsError AccessDenied */
const checkTrust = (context: RequestContext, role: TrustedRole, candidate: Candidate): void => {
  const keys = trustContext(context, candidate)
  const variable = (key: string): string | undefined => {
    const values = keys(key)
    return values?.length === 1 ? values[0] : undefined
  }
  if (!role.conditions.every((condition) => holds(condition, keys, variable))) throw denied()
  if (candidate.tags.size > 0 && !role.takesTags) throw denied('sts:TagSession')
}

/** The claims that a session's policies turn on, and those that it keeps in any case. */
const keptClaims = (
  { claims: ofRole }: TrustedRole,
  policies: readonly string[],
  { issuer, claims }: Candidate,
): Record<string, readonly string[] | null> => {
  const asked = policies.flatMap((text) => {
    const parsed = parsePolicy(text, { kind: 'session' })
    return parsed.outcome === 'parsed'
      ? [...keysOfPolicy(parsed.policy)].flatMap((key) => claimOf(key, issuer) ?? [])
      : []
  })
  const names = new Set([...ALWAYS_KEPT, ...ofRole, ...asked])
  return Object.fromEntries(Array.from(names, (name) => [name, claims.get(name) ?? null]))
}

/** @throws StsError */
const readSession = (parameters: ReadonlyMap<string, string>) => {
  refuseUnknown(parameters, KNOWN)
  return {
    ...readRole(parameters),
    name: readSessionName(parameters),
    policies: readSessionPolicy(parameters),
    seconds: readDuration(parameters),
  }
}

const secondsOf = (asked: number | undefined, { maxSeconds }: TrustedRole): number => {
  if (asked !== undefined && asked > maxSeconds) {
    throw new StsError(
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    )
  }
  return asked ?? Math.min(DEFAULT_SECONDS, maxSeconds)
}

const toSession = (
  context: RequestContext,
  { roleArn, roleId, name, policies, seconds }: ReturnType<typeof readSession>,
  { issuer: { roles, settings }, claims }: VerifiedToken,
): Session & { readonly web: WebIdentity } => {
  const role = roles.get(roleArn)
  if (role === undefined) throw denied()
  const { issuer } = settings
  const { partition, account } = parseRoleArn(roleArn) ?? { partition: 'aws', account: ACCOUNT_ID }
  const provider = providerArn(issuer, partition, account)
  const candidate: Candidate = { issuer, provider, name, claims: claimsOfToken(claims), tags: sessionTags(claims) }
  checkTrust(context, role, candidate)
  const issuedAt = Math.floor(context.now / SECOND) * SECOND
  return {
    roleArn,
    roleId,
    name,
    policies,
    issuedAt,
    expiresAt: issuedAt + secondsOf(seconds, role) * SECOND,
    web: {
      issuer,
      provider,
      claims: keptClaims(role, policies, candidate),
      tags: Object.fromEntries(candidate.tags),
    },
  }
}

/**
 * Starts a session for the bearer of an issuer's token, who has no key and signs nothing. It may do what the policy of the
 * role allows and, where it was given one, its own too.
 *
 * @throws StsError
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 */
export const assumeRoleWithWebIdentity = async (
  context: RequestContext,
  parameters: ReadonlyMap<string, string>,
): Promise<XmlElement[]> => {
  const asked = readSession(parameters)
  const token = await context.site.webIdentities.verify(parameters.get('WebIdentityToken'), context.now)
  const session = toSession(context, asked, token)
  return [
    ...issueSession(context.site, session),
    element('SubjectFromWebIdentityToken', token.subject),
    element('Audience', token.audience),
    element('Provider', session.web.provider),
  ]
}
