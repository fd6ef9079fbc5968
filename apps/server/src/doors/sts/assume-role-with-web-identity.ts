import { StsError } from '@skycrate/aws-wire/sts-error'
import { element, optionalElement, type XmlElement } from '@skycrate/aws-wire/write-xml'
import { parsePolicyBound, type PolicyBound } from '@skycrate/core/access/policy-bound'
import type { UserId } from '@skycrate/core/naming/id'
import type { RequestOrigin } from '../../audit/audit-event.ts'
import { readToken } from '../../identity/token-verifier.ts'
import type { IssuedCredentials } from '../../stores/credential-issuer.ts'
import { ACCOUNT_ID, type DoorUse } from '../door.ts'
import { readRole, type Role } from './read-role.ts'

type Parameters = ReadonlyMap<string, string>

/** Others could narrow a session, so passing them over would give more than was asked for. */
const KNOWN = new Set([
  'Action',
  'Version',
  'RoleArn',
  'RoleSessionName',
  'WebIdentityToken',
  'Policy',
  'DurationSeconds',
])
const MAX_ARN_CHARACTERS = 2048
const MAX_POLICY_CHARACTERS = 2048

interface Asked {
  readonly role: Role
  readonly roleArn: string | undefined
  readonly sessionName: string
  readonly bound: PolicyBound | undefined
  readonly durationSeconds: number | undefined
}

/**
 * Credentials for the bearer of a token. The permissions decide what they are for; a role, a policy and a duration make it
 * less and never more.
 *
 * @throws StsError, AppError
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 */
export async function assumeRoleWithWebIdentity(
  { entry, sessions }: DoorUse,
  parameters: Parameters,
  origin: RequestOrigin,
): Promise<XmlElement[]> {
  const asked = readParameters(parameters)
  // A file ends with a line break.
  const token = parameters.get('WebIdentityToken')?.trim()
  if (token === undefined || token === '') throw new StsError('ValidationError', 'WebIdentityToken is missing.')
  const identity = await entry.byIdentityToken(token, origin)
  const bearer = identity === undefined ? await entry.byToken(token, origin) : undefined
  const signedIn = identity ?? bearer!
  const { role, bound, durationSeconds } = asked
  const from = { ...origin, tokenId: bearer?.tokenId ?? null }
  if (role.kind === 'identity') {
    if (bound) throw new StsError('ValidationError', 'Credentials for the identity alone take no Policy.')
    return answer(await sessions.createIdentity(signedIn, durationSeconds, from), signedIn, token, asked)
  }
  const location = role.kind === 'location' ? { bucket: role.bucket, prefix: role.prefix } : undefined
  return answer(await sessions.create(signedIn, { location, bound, durationSeconds }, from), signedIn, token, asked)
}

function answer(
  { accessKeyId, secretAccessKey, sessionToken, expiresAt }: IssuedCredentials,
  { userId }: { readonly userId: UserId },
  token: string,
  { roleArn = '', sessionName }: Asked,
): XmlElement[] {
  const name = roleArn.slice(roleArn.lastIndexOf('role/') + 5)
  const role = /:role\/[\w+=,.@/-]+$/.test(roleArn) ? name : 'skycrate'
  return [
    element('Credentials', [
      element('AccessKeyId', accessKeyId),
      element('SecretAccessKey', secretAccessKey),
      element('SessionToken', sessionToken),
      element('Expiration', `${new Date(expiresAt).toISOString().slice(0, 19)}Z`),
    ]),
    element('AssumedRoleUser', [
      element('Arn', `arn:aws:sts::${ACCOUNT_ID}:assumed-role/${role}/${sessionName}`),
      element('AssumedRoleId', `${userId}:${sessionName}`),
    ]),
    ...saidBy(token),
  ]
}

/** The subject, audience and issuer of a token that was accepted. */
function saidBy(token: string): XmlElement[] {
  const read = readToken(token)
  if ('refused' in read) return []
  const { sub, aud, iss } = read.claims
  const audience: unknown = Array.isArray(aud) ? aud[0] : aud
  return [
    optionalElement('SubjectFromWebIdentityToken', typeof sub === 'string' ? sub : undefined),
    optionalElement('Audience', typeof audience === 'string' ? audience : undefined),
    optionalElement('Provider', typeof iss === 'string' ? iss : undefined),
  ].filter((each) => each !== undefined)
}

/** @throws StsError */
function readParameters(parameters: Parameters): Asked {
  const unknown = [...parameters.keys()].find((name) => !KNOWN.has(name))
  if (unknown !== undefined) throw new StsError('NotImplemented', `${unknown.slice(0, 100)} is not implemented.`)
  const roleArn = parameters.get('RoleArn')
  if (roleArn !== undefined && roleArn.length > MAX_ARN_CHARACTERS) {
    throw new StsError('ValidationError', `RoleArn may have ${MAX_ARN_CHARACTERS} characters.`)
  }
  const sessionName = parameters.get('RoleSessionName') ?? 'session'
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
    throw new StsError('ValidationError', 'RoleSessionName has to be 2 to 64 of letters, digits and _+=,.@-')
  }
  return {
    role: readRole(roleArn),
    roleArn,
    sessionName,
    bound: readPolicy(parameters.get('Policy')),
    durationSeconds: readDuration(parameters.get('DurationSeconds')),
  }
}

/** @throws StsError */
function readPolicy(text: string | undefined): PolicyBound | undefined {
  if (text === undefined) return undefined
  if (text === '' || text.length > MAX_POLICY_CHARACTERS) {
    throw new StsError('ValidationError', `Policy has to have 1 to ${MAX_POLICY_CHARACTERS} characters.`)
  }
  const parsed = parsePolicyBound(text)
  if (parsed.outcome === 'parsed') return parsed.bound
  throw new StsError('MalformedPolicyDocument', parsed.message)
}

/** @throws StsError */
function readDuration(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (seconds < 900 || seconds > 43_200) {
    throw new StsError('ValidationError', 'DurationSeconds has to be 900 to 43200.')
  }
  return seconds
}
