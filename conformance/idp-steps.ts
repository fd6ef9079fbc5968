import assert from 'node:assert/strict'
import { Secret, TOTP } from 'otpauth'
import type { Api } from './api.ts'
import { type Answer, request } from './http.ts'
import { poll } from './poll.ts'

// The user pool's door, as it is on the wire, and what people see of it in their mail.

export const SERVICE = 'AWSCognitoIdentityProviderService'

export interface IdpTokens {
  readonly AccessToken: string
  readonly IdToken: string
  readonly RefreshToken: string
}

export interface Idp {
  (operation: string, body: object): Promise<Answer>
  /** The name of the error that it is refused with, or `ok`. */
  outcome(operation: string, body: object): Promise<string>
  /** @throws where it is refused, or a challenge */
  signIn(username: string, password: string, client: string): Promise<IdpTokens>
}

export function idpOf(url: string): Idp {
  const call = (operation: string, body: object): Promise<Answer> =>
    request(`${url}/cognito-idp`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${SERVICE}.${operation}` },
      body: JSON.stringify(body),
    })
  return Object.assign(call, {
    async outcome(operation: string, body: object) {
      const answer = await call(operation, body)
      return answer.status === 200 ? 'ok' : answer.json<{ __type: string }>().__type
    },
    async signIn(username: string, password: string, client: string) {
      const answer = await call('InitiateAuth', {
        AuthFlow: 'USER_PASSWORD_AUTH',
        ClientId: client,
        AuthParameters: { USERNAME: username, PASSWORD: password },
      })
      assert.equal(answer.status, 200, answer.text)
      const { AuthenticationResult: tokens } = answer.json<{ AuthenticationResult?: IdpTokens }>()
      assert.ok(tokens, answer.text)
      return tokens
    },
  })
}

export const claimsOf = (jwt: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(jwt.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>

/** The newest code that was mailed to somebody, as the administrator reads it in the outbox. */
export async function codeFor(admin: Api, email: string, isNew: (code: string) => boolean = () => true) {
  return poll(`a code for ${email}`, 30_000, async () => {
    const answer = await admin.get('/mail/outbox')
    assert.equal(answer.status, 200, answer.text)
    const { mails } = answer.json<{ mails: { to: string; text: string }[] }>()
    const code = mails.find((mail) => mail.to === email && /\b\d{6}\b/.test(mail.text))?.text.match(/\b\d{6}\b/)?.[0]
    return code !== undefined && isNew(code) && code
  })
}

/** A code that is not this one. */
export const otherThan = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

/** @param steps of 30 s from now: 0 and 1 are accepted, however slow the machine is, and each once */
export function totp(secret: string, steps: 0 | 1): string {
  return TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: Date.now() + steps * 30_000 })
}
