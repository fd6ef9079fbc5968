import type { Credentials } from '@skycrate/core/sigv4/credentials'
import { CREDENTIALS } from './running-server.ts'
import { send } from './raw-request.ts'
import type { RawAnswer } from './raw-request.ts'

export const ROLE = 'arn:aws:iam::123456789012:role/app'

export interface StsCall {
  readonly credentials?: Credentials
  /** Milliseconds since 1970. */
  readonly now?: number
  readonly parameters?: Readonly<Record<string, string>>
}

export const callSts = (
  url: string,
  action: string,
  { credentials, now, parameters }: StsCall = {},
): Promise<RawAnswer> =>
  send(url, {
    method: 'POST',
    path: '/',
    service: 'sts',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ Action: action, Version: '2011-06-15', ...parameters }).toString(),
    credentials: credentials ?? CREDENTIALS,
    ...(now === undefined ? {} : { now }),
  })

export const textOf = (answer: RawAnswer, name: string): string =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(answer.text)?.[1] ?? ''

export const policyText = (...statements: object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements })

/** Temporary credentials, which have to be given. */
export const assumeRole = async (
  url: string,
  { parameters, ...call }: StsCall = {},
): Promise<Credentials & { readonly sessionToken: string; readonly endsAt: string }> => {
  const answer = await callSts(url, 'AssumeRole', {
    ...call,
    parameters: { RoleArn: ROLE, RoleSessionName: 'session', ...parameters },
  })
  if (answer.status !== 200) throw new Error(answer.text)
  return {
    accessKeyId: textOf(answer, 'AccessKeyId'),
    secretAccessKey: textOf(answer, 'SecretAccessKey'),
    sessionToken: textOf(answer, 'SessionToken'),
    endsAt: textOf(answer, 'Expiration'),
  }
}
