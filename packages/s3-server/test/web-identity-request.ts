import assert from 'node:assert/strict'
import type { WebIdentityIssuer, WebIdentityRole } from '../src/sts/web-identity-options.ts'
import { sendUnsigned } from './raw-request.ts'
import type { RawAnswer } from './raw-request.ts'
import { AUDIENCE } from './running-issuer.ts'
import type { RunningIssuer } from './running-issuer.ts'
import { ROLE, textOf } from './sts-request.ts'

export const BUCKET = 'homes'
export const ARN = `arn:aws:s3:::${BUCKET}`

/** Everybody in a folder that is named for their subject. */
export const homePolicy = ({ name }: RunningIssuer): object => ({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: 's3:*', Resource: `${ARN}/home/\${${name}:sub}/*` },
    {
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: ARN,
      Condition: { StringLike: { 's3:prefix': `home/\${${name}:sub}/*` } },
    },
  ],
})

/** Options of a server that trusts an issuer, with one role. */
export const trusting = (
  issuer: RunningIssuer,
  role: Partial<WebIdentityRole> = {},
  more: Partial<WebIdentityIssuer> = {},
): { webIdentity: WebIdentityIssuer[] } => ({
  webIdentity: [
    {
      issuer: issuer.url,
      audience: [AUDIENCE],
      roles: [{ arn: ROLE, policy: homePolicy(issuer), ...role }],
      ...more,
    },
  ],
})

const formOf = (parameters: Readonly<Record<string, string>>): string =>
  new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: ROLE,
    RoleSessionName: 'session',
    ...parameters,
  }).toString()

/** AssumeRoleWithWebIdentity as clients send it: a form, without a signature. */
export const askWithToken = (
  url: string,
  WebIdentityToken: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<RawAnswer> =>
  sendUnsigned(
    url,
    'POST',
    '/',
    { 'content-type': 'application/x-www-form-urlencoded' },
    formOf({ WebIdentityToken, ...parameters }),
  )

/** The same in a query. */
export const askInQuery = (url: string, parameters: Readonly<Record<string, string>>): Promise<RawAnswer> =>
  sendUnsigned(url, 'GET', `/?${formOf(parameters)}`)

export const credentialsOf = (answer: RawAnswer) => {
  assert.equal(answer.status, 200, answer.text)
  return {
    accessKeyId: textOf(answer, 'AccessKeyId'),
    secretAccessKey: textOf(answer, 'SecretAccessKey'),
    sessionToken: textOf(answer, 'SessionToken'),
    endsAt: textOf(answer, 'Expiration'),
  }
}
