import { randomBytes } from 'node:crypto'
import { namesOf } from '../auth/identity.ts'
import { lineageOf } from '../auth/session.ts'
import type { Session, SessionCredentials } from '../auth/session.ts'
import type { Site } from '../request-context.ts'
import { element } from '@skycrate/aws-wire/write-xml'
import type { XmlElement } from '@skycrate/aws-wire/write-xml'
import { base32 } from './base32.ts'
import { MAX_POLICY_CHARACTERS } from './session-parameters.ts'
import { StsError } from '@skycrate/aws-wire/sts-error'

/** So that a token stays within what a request's headers hold. */
const MAX_POLICIES = 4

const isoSeconds = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`

/**
 * Gives out a session: the elements that every answer with credentials has.
 *
 * @throws StsError PackedPolicyTooLarge
 */
export const issueSession = ({ sessions }: Site, session: Session): XmlElement[] => {
  const policies = lineageOf(session).flatMap((each) => each.policies)
  if (policies.length > MAX_POLICIES) {
    throw new StsError('PackedPolicyTooLarge', 'The policies of the sessions before it and of this one are too many.')
  }
  const credentials: SessionCredentials = {
    accessKeyId: `ASIA${base32(randomBytes(16), 16)}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    session,
  }
  const token = sessions.seal(credentials, randomBytes(12))
  if (token === undefined) {
    throw new StsError('PackedPolicyTooLarge', 'The policies and claims of the session are too large for its token.')
  }
  const names = namesOf({ kind: 'session', ...credentials })
  const packed = Math.ceil((policies.join('').length * 100) / (MAX_POLICIES * MAX_POLICY_CHARACTERS))
  return [
    element('AssumedRoleUser', [element('AssumedRoleId', names?.userId ?? ''), element('Arn', names?.arn ?? '')]),
    element('Credentials', [
      element('AccessKeyId', credentials.accessKeyId),
      element('SecretAccessKey', credentials.secretAccessKey),
      element('SessionToken', token),
      element('Expiration', isoSeconds(session.expiresAt)),
    ]),
    element('PackedPolicySize', packed),
  ]
}
