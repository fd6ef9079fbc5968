import { createHash } from 'node:crypto'
import { parsePolicy } from '@skycrate/core/access/iam/parse-policy'
import { parseRoleArn } from '../auth/identity.ts'
import { base32 } from './base32.ts'
import { StsError } from '@skycrate/aws-wire/sts-error'

export const LEAST_SECONDS = 900
export const MOST_SECONDS = 43_200
export const MAX_POLICY_CHARACTERS = 2048

type Parameters = ReadonlyMap<string, string>

const invalid = (message: string): StsError => new StsError('ValidationError', message)

/**
 * Some parameters narrow a session (PolicyArns), so passing them over would give more than was asked for.
 *
 * @throws StsError NotImplemented
 */
export const refuseUnknown = (parameters: Parameters, known: ReadonlySet<string>): void => {
  const unknown = [...parameters.keys()].find((name) => !known.has(name))
  if (unknown !== undefined) throw new StsError('NotImplemented', `${unknown} is not implemented.`)
}

/** @throws StsError ValidationError */
export const readRole = (parameters: Parameters): { readonly roleArn: string; readonly roleId: string } => {
  const roleArn = parameters.get('RoleArn')
  if (roleArn === undefined) {
    throw invalid('RoleArn is missing. It names the role to assume, such as arn:aws:iam::000000000000:role/NAME.')
  }
  if (roleArn.length > 2048 || parseRoleArn(roleArn) === undefined) throw invalid(`${roleArn.slice(0, 100)} is invalid`)
  return { roleArn, roleId: `AROA${base32(createHash('sha256').update(roleArn).digest(), 17)}` }
}

/** @throws StsError ValidationError */
export const readSessionName = (parameters: Parameters): string => {
  const name = parameters.get('RoleSessionName') ?? ''
  if (!/^[\w+=,.@-]{2,64}$/.test(name))
    throw invalid('RoleSessionName has to be 2 to 64 of letters, digits and _+=,.@-')
  return name
}

/**
 * The text of the session's policy, when there is one.
 *
 * @throws StsError ValidationError or MalformedPolicyDocument
 */
export const readSessionPolicy = (parameters: Parameters): readonly string[] => {
  const text = parameters.get('Policy')
  if (text === undefined) return []
  if (text === '' || text.length > MAX_POLICY_CHARACTERS) {
    throw invalid(`Policy has to have 1 to ${MAX_POLICY_CHARACTERS} characters.`)
  }
  if (!/^[\t\n\r\u0020-\u00ff]+$/.test(text))
    throw invalid('Policy has to consist of U+0020 to U+00FF, tabs and ends of lines.')
  const parsed = parsePolicy(text, { kind: 'session' })
  if (parsed.outcome === 'malformed') throw new StsError('MalformedPolicyDocument', parsed.message)
  return [text]
}

/**
 * Seconds that were asked for; undefined when nothing was.
 *
 * @throws StsError ValidationError
 */
export const readDuration = (parameters: Parameters): number | undefined => {
  const text = parameters.get('DurationSeconds')
  if (text === undefined) return undefined
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (seconds < LEAST_SECONDS || seconds > MOST_SECONDS) {
    throw invalid(`DurationSeconds has to be ${LEAST_SECONDS} to ${MOST_SECONDS}.`)
  }
  return seconds
}
