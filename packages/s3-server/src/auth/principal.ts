import { evaluate, type PolicyRequest, type PolicyVerdict } from '@skycrate/core/access/iam/evaluate'
import type { PolicyPrincipal } from '@skycrate/core/access/iam/policy'
import type { S3Action } from '../s3-action.ts'
import type { Principal, Resource, Site } from '../request-context.ts'
import { type Asked, conditionContext } from './condition-context.ts'
import { type Identity, namesOf } from './identity.ts'
import { lineageOf } from './session.ts'
import { isIssuer } from './web-identity.ts'

/** What the owner may do whatever a policy says, or a wrong one could never be taken away again; and nobody else. */
const ALWAYS_THE_OWNERS = new Set<S3Action>(['s3:GetBucketPolicy', 's3:PutBucketPolicy', 's3:DeleteBucketPolicy'])

interface BucketVerdict {
  readonly verdict: PolicyVerdict
  readonly isPublic: boolean
}

const partitionOf = (region: string): string =>
  region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'

const arnOf = ({ bucket = '*', key }: Resource, region: string): string =>
  `arn:${partitionOf(region)}:s3:::${bucket}${key === undefined ? '' : `/${key}`}`

const isCalled = (identity: Identity, { ownerId }: Site, principal: PolicyPrincipal): boolean => {
  const names = namesOf(identity)
  if (names === undefined) return false
  if (principal.kind === 'canonical-user') return principal.id === ownerId
  if (principal.kind === 'federated') {
    const web = identity.kind === 'session' ? identity.session.web : undefined
    return web !== undefined && isIssuer(principal.id, web)
  }
  if (principal.kind !== 'aws') return false
  const { id } = principal
  return (
    id === names.arn ||
    id === names.principalArn ||
    id === names.account ||
    (id.endsWith(`:iam::${names.account}:root`) && id.startsWith('arn:'))
  )
}

/** Whoever asks, and the sessions they came from: to each, policies are about that one, by its own names. */
const levelsOf = (identity: Identity): readonly Identity[] =>
  identity.kind === 'session' ? lineageOf(identity.session).map((session) => ({ ...identity, session })) : [identity]

/** Whether every policy of one session allows a request; who is no session has none that could refuse. */
const ownPoliciesAllow = (identity: Identity, site: Site, request: PolicyRequest): boolean => {
  if (identity.kind !== 'session') return true
  const { policies, web, roleArn } = identity.session
  if (web !== undefined) {
    // The role may have gone since.
    const role = site.webIdentities.roleOf(web.issuer, roleArn)
    if (role === undefined || evaluate(role.policy, request) !== 'allow') return false
  }
  return policies.every((text) => {
    const read = site.policies.get(text, { kind: 'session' })
    return read !== undefined && evaluate(read.policy, request) === 'allow'
  })
}

type Who = Omit<Asked, 'action' | 'resource'>

const policyRequest = (who: Who, action: Asked['action'], arn: string, resource: Resource): PolicyRequest => ({
  action,
  resource: arn,
  context: conditionContext({ ...who, action, resource }),
  isPrincipal: (principal) => isCalled(who.identity, who.site, principal),
})

/**
 * Whether a session, and every one that it came from, may assume a role. The root key may assume any.
 *
 * @throws S3Error AccessDenied where a policy turns on what the session was not given
 */
export const mayAssume = (who: Who, roleArn: string): boolean =>
  levelsOf(who.identity).every((identity) =>
    ownPoliciesAllow(identity, who.site, policyRequest({ ...who, identity }, 'sts:AssumeRole', roleArn, {})),
  )

const bucketVerdict = (site: Site, name: string, request: PolicyRequest): BucketVerdict => {
  const text = site.store.buckets.settingOf(name, 'policy')
  if (text === undefined) return { verdict: 'none', isPublic: false }
  const read = site.policies.get(text, { kind: 'bucket', bucket: name })
  // What can't be understood may be a Deny.
  if (read === undefined) return { verdict: 'deny', isPublic: false }
  return { verdict: evaluate(read.policy, request), isPublic: read.isPublic }
}

const restrictsPublic = ({ store }: Site, bucket: string): boolean => {
  const document = store.buckets.settingOf(bucket, 'public-access-block')
  return document !== undefined && (JSON.parse(document) as Record<string, boolean>)['RestrictPublicBuckets'] === true
}

/** What one of the levels may do. */
const mayAt = (who: Who, action: S3Action, resource: Resource): boolean => {
  const { site, identity } = who
  const request = policyRequest(who, action, arnOf(resource, site.region), resource)
  if (!ownPoliciesAllow(identity, site, request)) return false
  const { bucket } = resource
  if (bucket === undefined) return identity.kind !== 'anonymous'
  const { verdict, isPublic } = bucketVerdict(site, bucket, request)
  if (verdict === 'deny') return identity.kind === 'root' && ALWAYS_THE_OWNERS.has(action)
  if (identity.kind !== 'anonymous') return true
  if (ALWAYS_THE_OWNERS.has(action)) return false
  return verdict === 'allow' && !(isPublic && restrictsPublic(site, bucket))
}

/**
 * Puts together everything that decides on a request. The root key and its sessions may do whatever no bucket policy
 * denies; a session also needs each of its own policies to allow it, and whatever started it to be allowed the same. Whoever
 * did not sign may do what a bucket policy allows to everyone, unless the bucket's public access block says no.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-single-account.html
 */
export const makePrincipal = (who: Who): Principal => {
  const levels = levelsOf(who.identity)
  return {
    identity: who.identity,
    may: (action, resource) => levels.every((identity) => mayAt({ ...who, identity }, action, resource)),
  }
}
