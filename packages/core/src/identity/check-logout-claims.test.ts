import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkLogoutClaims } from './check-logout-claims.ts'

const NOW = 1_800_000_000
const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
const SETTINGS = { issuer: 'https://issuer.example/', clockToleranceSeconds: 60 }
const CLAIMS = {
  iss: SETTINGS.issuer,
  aud: 'us',
  iat: NOW,
  exp: NOW + 120,
  sub: 's',
  sid: 'i',
  events: { [EVENT]: {} },
}

function verdictOf(changes: Record<string, unknown>, typ: unknown = 'logout+jwt'): unknown {
  const claims = Object.fromEntries(
    Object.entries({ ...CLAIMS, ...changes }).filter(([, value]) => value !== undefined),
  )
  const verdict = checkLogoutClaims(typ, claims, SETTINGS, 'us', NOW * 1000)
  return verdict.outcome === 'refused' ? verdict.reason : [verdict.subject, verdict.issuerSession]
}

const ACCEPTED: readonly (readonly [string, Record<string, unknown>, unknown])[] = [
  ['both', {}, ['s', 'i']],
  ['the subject alone', { sid: undefined }, ['s', undefined]],
  ['the session alone', { sub: undefined }, [undefined, 'i']],
  ['several audiences', { aud: ['other', 'us'] }, ['s', 'i']],
  ['no expiry, as older issuers send it', { exp: undefined }, ['s', 'i']],
]
for (const [what, changes, expected] of ACCEPTED) {
  test(`a logout token with ${what} is accepted`, () => assert.deepEqual(verdictOf(changes), expected))
}

const REFUSED: readonly (readonly [string, Record<string, unknown>, string, unknown?])[] = [
  ['another issuer', { iss: 'https://issuer.example' }, 'wrong-issuer'],
  ['another client', { aud: ['other'] }, 'wrong-audience'],
  ['no audience', { aud: undefined }, 'wrong-audience'],
  ['no event, as an ID token', { events: undefined }, 'no-logout-event'],
  ['another event', { events: { 'https://other': {} } }, 'no-logout-event'],
  ['an event that is no object', { events: { [EVENT]: true } }, 'no-logout-event'],
  ['a nonce', { nonce: 'n' }, 'has-nonce'],
  ['an end in the past', { exp: NOW - 61 }, 'expired'],
  ['no end and an old beginning', { exp: undefined, iat: NOW - 181 }, 'expired'],
  ['an end in two days', { exp: NOW + 2 * 86_400 }, 'lives-too-long'],
  ['a beginning to come', { iat: NOW + 61 }, 'not-yet-valid'],
  ['no beginning', { iat: undefined }, 'not-yet-valid'],
  ['an end that is no number', { exp: 'never' }, 'no-expiry'],
  ['nobody', { sub: undefined, sid: undefined }, 'nobody-named'],
  ['a subject that is no text', { sub: 5 }, 'nobody-named'],
  ['a session that cannot be stored', { sid: 'a\0b' }, 'nobody-named'],
  ['the type of an access token', {}, 'wrong-type', 'at+jwt'],
]
for (const [what, changes, reason, typ] of REFUSED) {
  test(`a logout token with ${what} is refused`, () => assert.equal(verdictOf(changes, typ), reason))
}

test('until when a logout token counts is known, so that it can be remembered', () => {
  const verdict = checkLogoutClaims('logout+jwt', { ...CLAIMS, jti: 'j' }, SETTINGS, 'us', NOW * 1000)
  assert.deepEqual(verdict, {
    outcome: 'accepted',
    subject: 's',
    issuerSession: 'i',
    id: 'j',
    expiresAt: (NOW + 120 + 60) * 1000,
  })
  const older = checkLogoutClaims('jwt', { ...CLAIMS, exp: undefined }, SETTINGS, 'us', NOW * 1000)
  assert.equal(older.outcome === 'accepted' && older.expiresAt, (NOW + 120 + 60) * 1000)
})
