import { createHash, randomBytes } from 'node:crypto'
import { parsePolicy } from '@skycrate/core/access/iam/parse-policy'
import { conditionContext } from '../auth/condition-context.ts'
import { namesOf, parseRoleArn } from '../auth/identity.ts'
import { sessionAllows } from '../auth/principal.ts'
import type { Session, SessionCredentials } from '../auth/session.ts'
import type { RequestContext } from '../request-context.ts'
import { element } from '../xml/write-xml.ts'
import type { XmlElement } from '../xml/write-xml.ts'
import type { StsCaller } from './authenticate-sts.ts'
import { StsError } from './sts-error.ts'

const SECOND = 1000
const DEFAULT_SECONDS = 3600
const LEAST_SECONDS = 900
const MOST_SECONDS = 43_200
/** Of a session that another session starts, as on AWS. */
const MOST_CHAINED_SECONDS = 3600
const MAX_POLICY_CHARACTERS = 2048
/** So that a token stays within what a request's headers hold. */
const MAX_POLICIES = 4

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

const base32 = (bytes: Uint8Array, length: number): string =>
  Array.from(bytes.subarray(0, length), (byte) => ALPHABET.charAt(byte % 32)).join('')

const KNOWN = new Set(['Action', 'Version', 'RoleArn', 'RoleSessionName', 'Policy', 'DurationSeconds', 'ExternalId'])

const invalid = (message: string): StsError => new StsError('ValidationError', message)

const readDuration = (text: string | undefined, isChained: boolean): number => {
  if (text === undefined) return DEFAULT_SECONDS
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (seconds < LEAST_SECONDS || seconds > MOST_SECONDS) {
    throw invalid(`DurationSeconds has to be ${LEAST_SECONDS} to ${MOST_SECONDS}.`)
  }
  if (isChained && seconds > MOST_CHAINED_SECONDS) {
    throw invalid('The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining')
  }
  return seconds
}

const readPolicy = (text: string): string => {
  if (text === '' || text.length > MAX_POLICY_CHARACTERS) {
    throw invalid(`Policy has to have 1 to ${MAX_POLICY_CHARACTERS} characters.`)
  }
  if (!/^[\t\n\r\u0020-\u00ff]+$/.test(text))
    throw invalid('Policy has to consist of U+0020 to U+00FF, tabs and ends of lines.')
  const parsed = parsePolicy(text, { kind: 'session' })
  if (parsed.outcome === 'malformed') throw new StsError('MalformedPolicyDocument', parsed.message)
  return text
}

/** @throws StsError */
const readSession = (parameters: ReadonlyMap<string, string>, { identity }: StsCaller, now: number): Session => {
  // Some narrow the session (PolicyArns), so passing them over would give more than was asked for.
  const unknown = [...parameters.keys()].find((name) => !KNOWN.has(name))
  if (unknown !== undefined) throw new StsError('NotImplemented', `${unknown} is not implemented.`)
  const roleArn = parameters.get('RoleArn') ?? ''
  if (roleArn.length > 2048 || parseRoleArn(roleArn) === undefined) throw invalid(`${roleArn.slice(0, 100)} is invalid`)
  const name = parameters.get('RoleSessionName') ?? ''
  if (!/^[\w+=,.@-]{2,64}$/.test(name))
    throw invalid('RoleSessionName has to be 2 to 64 of letters, digits and _+=,.@-')
  const parent = identity.kind === 'session' ? identity.session : undefined
  const asked = parameters.get('Policy')
  const policies = [...(parent?.policies ?? []), ...(asked === undefined ? [] : [readPolicy(asked)])]
  if (policies.length > MAX_POLICIES) {
    throw new StsError('PackedPolicyTooLarge', 'The policies of the sessions before it and of this one are too many.')
  }
  const seconds = readDuration(parameters.get('DurationSeconds'), parent !== undefined)
  const issuedAt = Math.floor(now / SECOND) * SECOND
  return {
    roleArn,
    roleId: `AROA${base32(createHash('sha256').update(roleArn).digest(), 17)}`,
    name,
    policies,
    issuedAt,
    expiresAt: Math.min(issuedAt + seconds * SECOND, parent?.expiresAt ?? Number.POSITIVE_INFINITY),
  }
}

const isoSeconds = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`

/**
 * Starts a session. Any role may be assumed: all of them stand for the root key, held to the session's policy. A session
 * may assume a role when each of its policies allows `sts:AssumeRole` on it; the new session keeps all of those
 * policies and ends no later, so that it can do nothing that its parent can't.
 *
 * @throws StsError
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export const assumeRole = (
  { site, request, now }: RequestContext,
  caller: StsCaller,
  parameters: ReadonlyMap<string, string>,
): XmlElement[] => {
  const session = readSession(parameters, caller, now)
  const action = 'sts:AssumeRole'
  const isAllowed = sessionAllows(caller.identity, site, {
    action,
    resource: session.roleArn,
    context: conditionContext({ site, request, now, ...caller, action, resource: {} }),
    isPrincipal: () => false,
  })
  if (!isAllowed) {
    const arn = namesOf(caller.identity)?.arn ?? ''
    throw new StsError(
      'AccessDenied',
      `User: ${arn} is not authorized to perform: ${action} on resource: ${session.roleArn}`,
    )
  }
  const credentials: SessionCredentials = {
    accessKeyId: `ASIA${base32(randomBytes(16), 16)}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    session,
  }
  const names = namesOf({ kind: 'session', ...credentials })
  const packed = Math.ceil((session.policies.join('').length * 100) / (MAX_POLICIES * MAX_POLICY_CHARACTERS))
  return [
    element('AssumedRoleUser', [element('AssumedRoleId', names?.userId ?? ''), element('Arn', names?.arn ?? '')]),
    element('Credentials', [
      element('AccessKeyId', credentials.accessKeyId),
      element('SecretAccessKey', credentials.secretAccessKey),
      element('SessionToken', site.sessions.seal(credentials, randomBytes(12))),
      element('Expiration', isoSeconds(session.expiresAt)),
    ]),
    element('PackedPolicySize', packed),
  ]
}
