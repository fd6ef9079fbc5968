import { namesOf } from '../auth/identity.ts'
import { mayAssume } from '../auth/principal.ts'
import type { Session } from '../auth/session.ts'
import type { RequestContext } from '../request-context.ts'
import type { XmlElement } from '@skycrate/aws-wire/write-xml'
import type { StsCaller } from './authenticate-sts.ts'
import { issueSession } from './issue-session.ts'
import { readDuration, readRole, readSessionName, readSessionPolicy, refuseUnknown } from './session-parameters.ts'
import { StsError } from '@skycrate/aws-wire/sts-error'

const SECOND = 1000
const DEFAULT_SECONDS = 3600
/** Of a session that another session starts, as on AWS. */
const MOST_CHAINED_SECONDS = 3600

const KNOWN = new Set(['Action', 'Version', 'RoleArn', 'RoleSessionName', 'Policy', 'DurationSeconds', 'ExternalId'])

/** @throws StsError */
const readSession = (parameters: ReadonlyMap<string, string>, { identity }: StsCaller, now: number): Session => {
  refuseUnknown(parameters, KNOWN)
  const role = readRole(parameters)
  const name = readSessionName(parameters)
  const policies = readSessionPolicy(parameters)
  const seconds = readDuration(parameters) ?? DEFAULT_SECONDS
  const issuedAt = Math.floor(now / SECOND) * SECOND
  const started = { ...role, name, policies, issuedAt, expiresAt: issuedAt + seconds * SECOND }
  if (identity.kind !== 'session') return started
  if (seconds > MOST_CHAINED_SECONDS) {
    throw new StsError(
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    )
  }
  const { session: parent } = identity
  return { ...started, expiresAt: Math.min(started.expiresAt, parent.expiresAt), parent }
}

/**
 * Starts a session. Any role may be assumed: all of them stand for the root key, held to the session's policy. A session
 * may assume a role when each of its policies allows `sts:AssumeRole` on it; the new session stays bound to whatever bound
 * its parent and ends no later, so that it can do nothing that its parent can't.
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
  if (!mayAssume({ site, request, now, ...caller }, session.roleArn)) {
    const arn = namesOf(caller.identity)?.arn ?? ''
    throw new StsError(
      'AccessDenied',
      `User: ${arn} is not authorized to perform: sts:AssumeRole on resource: ${session.roleArn}`,
    )
  }
  return issueSession(site, session)
}
