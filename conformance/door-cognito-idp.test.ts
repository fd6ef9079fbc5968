import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Api, apiOf, signInAsAdmin } from './api.ts'
import { request } from './http.ts'
import { claimsOf, codeFor, type Idp, idpOf, otherThan, SERVICE, totp } from './idp-steps.ts'
import { startPlainIssuer, type PlainIssuer } from './issuers/plain-issuer.ts'
import { startSystem, type System } from './system.ts'

const APP = 'photos'
const OTHER_APP = 'calendar'
const PASSWORD = 'three wooden lanterns'
const WRONG = 'three broken lanterns'
const POOL = 'us-east-1:11111111-2222-3333-4444-555555555555'

let issuer: PlainIssuer
let system: System
let admin: Api
let idp: Idp

before(async () => {
  issuer = await startPlainIssuer('/')
  system = await startSystem({
    env: {
      SKYCRATE_SIGN_UP: 'open',
      SKYCRATE_APP_CLIENTS: `${APP}, ${OTHER_APP}`,
      SKYCRATE_ISSUERS: JSON.stringify([{ issuer: issuer.issuer, audience: 'files' }]),
    },
  })
  admin = await signInAsAdmin(system)
  idp = idpOf(system.url)
})
after(async () => {
  await system?.[Symbol.asyncDispose]()
  await issuer?.[Symbol.asyncDispose]()
})

async function createUser(name: string): Promise<string> {
  const email = `${name}@example.com`
  const answer = await admin.post('/users', { email, password: PASSWORD })
  assert.equal(answer.status, 201, answer.text)
  return email
}

const passwordSignIn = (username: string, password: string, client = APP) => ({
  AuthFlow: 'USER_PASSWORD_AUTH',
  ClientId: client,
  AuthParameters: { USERNAME: username, PASSWORD: password },
})
const refreshing = (RefreshToken: string, ClientId = APP) => ({ RefreshToken, ClientId })

/** What tells one answer from another, without what is random in each. */
async function shapeOf(operation: string, body: object): Promise<unknown> {
  const answer = await idp(operation, body)
  const text = answer.text.replaceAll(/cod_\w+/g, 'cod_').replaceAll(/\b(no|t)\w*@example.com|\w\*\*\*@e\*\*\*/g, 'to')
  return [answer.status, text, answer.headers['x-amzn-errortype']]
}

test('no answer tells whether there is an account at an address', async () => {
  const there = await createUser('there')
  const nowhere = 'nowhere@example.com'
  const same = async (operation: string, body: (Username: string) => object): Promise<void> => {
    assert.deepEqual(await shapeOf(operation, body(there)), await shapeOf(operation, body(nowhere)), operation)
  }
  const code = { ConfirmationCode: '123456', ClientId: APP }
  await same('ConfirmForgotPassword', (Username) => ({ ...code, Username, Password: PASSWORD }))
  await same('ConfirmSignUp', (Username) => ({ ...code, Username }))
  await same('SignUp', (Username) => ({ Username, Password: WRONG, ClientId: APP }))
  await same('ConfirmSignUp', (Username) => ({ ...code, Username }))
  // The password of a sign-up that nobody confirmed: also where it was somebody else's address.
  assert.equal(await idp.outcome('InitiateAuth', passwordSignIn(there, WRONG)), 'UserNotConfirmedException')
  await same('InitiateAuth', (username) => passwordSignIn(username, WRONG))
  await same('InitiateAuth', (username) => passwordSignIn(username, 'a third one, of neither'))
  await same('ResendConfirmationCode', (Username) => ({ Username, ClientId: APP }))
  await same('ForgotPassword', (Username) => ({ Username, ClientId: APP }))
  await same('ConfirmForgotPassword', (Username) => ({ ...code, Username, Password: PASSWORD }))
  await same('InitiateAuth', (USERNAME) => ({ AuthFlow: 'USER_AUTH', ClientId: APP, AuthParameters: { USERNAME } }))
})

test('five wrong codes, and the right one is good no more', async () => {
  const Username = 'guessed@example.com'
  assert.equal(await idp.outcome('SignUp', { Username, Password: PASSWORD, ClientId: APP }), 'ok')
  const code = await codeFor(admin, Username)
  const confirm = (ConfirmationCode: string) =>
    idp.outcome('ConfirmSignUp', { Username, ConfirmationCode, ClientId: APP })
  for (let i = 0; i < 4; i++) assert.equal(await confirm(otherThan(code)), 'CodeMismatchException')
  assert.equal(await confirm(otherThan(code)), 'ExpiredCodeException', 'that was the last try')
  assert.equal(await confirm(code), 'ExpiredCodeException')
  assert.equal(await idp.outcome('ResendConfirmationCode', { Username, ClientId: APP }), 'ok')
  assert.equal(await confirm(await codeFor(admin, Username, (each) => each !== code)), 'ok')
  await idp.signIn(Username, PASSWORD, APP)
})

test('a used refresh token ends its session, in both forms of the refresh', async () => {
  const email = await createUser('reuse')
  for (const byFlow of [true, false]) {
    const first = await idp.signIn(email, PASSWORD, APP)
    const trade = (token: string) =>
      byFlow
        ? idp('InitiateAuth', {
            AuthFlow: 'REFRESH_TOKEN_AUTH',
            ClientId: APP,
            AuthParameters: { REFRESH_TOKEN: token },
          })
        : idp('GetTokensFromRefreshToken', refreshing(token))
    const tokensOf = async (token: string) =>
      (await trade(token)).json<{ AuthenticationResult: typeof first }>().AuthenticationResult
    const second = await tokensOf(first.RefreshToken)
    const third = await tokensOf(second.RefreshToken)
    const stolen = await trade(first.RefreshToken)
    assert.match(stolen.text, /NotAuthorizedException/)
    assert.match((await trade(third.RefreshToken)).text, /NotAuthorizedException/, 'the session has ended')
    assert.equal(await idp.outcome('GetUser', { AccessToken: third.AccessToken }), 'NotAuthorizedException')
  }
})

test('a token is good for its own use and its own app alone', async () => {
  const email = await createUser('uses')
  const mine = await idp.signIn(email, PASSWORD, APP)
  const rest = (await apiOf(system.url, undefined).post('/auth/login', { email, password: PASSWORD })).json<{
    access_token: string
    id_token: string
    refresh_token: string
  }>()

  // Of this door, elsewhere.
  for (const token of [mine.IdToken, mine.RefreshToken]) {
    const used = await idp.outcome('GetUser', { AccessToken: token })
    assert.equal(used, 'NotAuthorizedException')
    const change = { AccessToken: token, PreviousPassword: PASSWORD, ProposedPassword: WRONG }
    assert.equal(await idp.outcome('ChangePassword', change), 'NotAuthorizedException')
    assert.equal(await idp.outcome('DeleteUser', { AccessToken: token }), 'NotAuthorizedException')
  }
  assert.equal(await idp.outcome('GetTokensFromRefreshToken', refreshing(mine.AccessToken)), 'NotAuthorizedException')
  assert.equal((await apiOf(system.url, mine.RefreshToken).get('/auth/me')).status, 401)
  assert.equal((await apiOf(system.url, mine.AccessToken).get('/auth/me')).status, 200, 'the user themselves')
  assert.equal((await apiOf(system.url, mine.IdToken).get('/auth/me')).status, 200)
  for (const route of ['/auth/sessions', '/auth/tokens', '/auth/factors']) {
    assert.equal((await apiOf(system.url, mine.IdToken).get(route)).status, 401, route)
  }

  // Of elsewhere, here: an ID token of SkyCrate's own sign-in, an access token that was created, another issuer's.
  assert.equal((await apiOf(system.url, rest.id_token).get('/auth/me')).status, 401)
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
  const made = await apiOf(system.url, mine.AccessToken).post('/auth/tokens', {
    name: 'Robot',
    expiresAt,
    scopes: [{ bucket: 'skycrate-library', actions: ['read'] }],
  })
  assert.equal(made.status, 201, made.text)
  for (const AccessToken of [
    rest.id_token,
    made.json<{ token: string }>().token,
    issuer.token({ sub: 'u1', aud: 'files' }),
    'rubbish',
    `${mine.AccessToken}x`,
  ]) {
    assert.equal(await idp.outcome('GetUser', { AccessToken }), 'NotAuthorizedException')
    assert.equal(await idp.outcome('GlobalSignOut', { AccessToken }), 'NotAuthorizedException')
  }

  // Of another app, and of none.
  for (const [token, client] of [
    [mine.RefreshToken, OTHER_APP],
    [rest.refresh_token, APP],
  ] as const) {
    assert.equal(await idp.outcome('GetTokensFromRefreshToken', refreshing(token, client)), 'NotAuthorizedException')
    assert.equal(await idp.outcome('RevokeToken', { Token: token, ClientId: client }), 'UnauthorizedException')
  }
  assert.equal(
    await idp.outcome('RevokeToken', { Token: mine.AccessToken, ClientId: APP }),
    'UnsupportedTokenTypeException',
  )
  assert.equal(await idp.outcome('RevokeToken', { Token: `skyr_${'x'.repeat(43)}`, ClientId: APP }), 'ok')
  assert.equal(await idp.outcome('GetUser', { AccessToken: mine.AccessToken }), 'ok', 'nothing of this has ended it')
  assert.equal(await idp.outcome('RevokeToken', { Token: mine.RefreshToken, ClientId: APP }), 'ok')
  assert.equal(await idp.outcome('GetUser', { AccessToken: mine.AccessToken }), 'NotAuthorizedException')
  assert.equal((await apiOf(system.url, mine.IdToken).get('/auth/me')).status, 401)
})

test('a client id that is not configured is refused, and no session gets another', async () => {
  const email = await createUser('clients')
  for (const [client, error] of [
    ['foreign', 'ResourceNotFoundException'],
    ['a-b', 'InvalidParameterException'],
    ['', 'InvalidParameterException'],
  ] as const) {
    assert.equal(await idp.outcome('InitiateAuth', passwordSignIn(email, PASSWORD, client)), error)
    assert.equal(await idp.outcome('ForgotPassword', { Username: email, ClientId: client }), error)
  }
  const { AccessToken, IdToken } = await idp.signIn(email, PASSWORD, OTHER_APP)
  const [access, id] = [claimsOf(AccessToken), claimsOf(IdToken)]
  assert.deepEqual([access['client_id'], access['token_use'], access['username']], [OTHER_APP, 'access', email])
  assert.deepEqual([id['aud'], id['token_use'], id['cognito:username']], [OTHER_APP, 'id', email])
})

test('groups are named as a user pool names them', async () => {
  const email = await createUser('member')
  const { users } = (await admin.get(`/users?search=${email}`)).json<{ users: { id: string }[] }>()
  const group = (await admin.post('/groups', { name: 'editors' })).json<{ id: string }>()
  assert.ok((await admin.put(`/groups/${group.id}/members/${users[0]!.id}`, {})).status < 300)
  const { AccessToken, IdToken } = await idp.signIn(email, PASSWORD, APP)
  for (const token of [AccessToken, IdToken]) assert.deepEqual(claimsOf(token)['cognito:groups'], ['editors'])
})

test("an administrator's ID token is no administrator's, and gets nothing that signs requests", async () => {
  const { email, password } = system.admin
  const { IdToken, AccessToken } = await idp.signIn(email, password, APP)
  assert.equal((await apiOf(system.url, AccessToken).get('/users')).status, 200)
  assert.equal((await apiOf(system.url, IdToken).get('/users')).status, 401)
  assert.equal((await apiOf(system.url, IdToken).get('/auth/me')).json<{ isAdmin: boolean }>().isAdmin, false)
  const identity = (operation: string, body: object) =>
    request(`${system.url}/cognito-identity`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `AWSCognitoIdentityService.${operation}`,
      },
      body: JSON.stringify(body),
    })
  const own = system.url.replace('http://127.0.0.1', 'localhost')
  const got = await identity('GetId', { IdentityPoolId: POOL, Logins: { [own]: IdToken } })
  assert.equal(got.status, 200, got.text)
  const { IdentityId } = got.json<{ IdentityId: string }>()
  // As Amplify 5 names every user pool.
  const amplify5 = { 'cognito-idp.us-east-1.amazonaws.com/us-east-1_SkyCrate': IdToken }
  assert.equal((await identity('GetCredentialsForIdentity', { IdentityId, Logins: amplify5 })).status, 200)
  const foreign = {
    'cognito-idp.us-east-1.amazonaws.com/us-east-1_SkyCrate': issuer.token({ sub: 'u1', aud: 'files' }),
  }
  assert.match((await identity('GetId', { IdentityPoolId: POOL, Logins: foreign })).text, /NotAuthorizedException/)
  const open = await identity('GetOpenIdToken', { IdentityId, Logins: { [own]: IdToken } })
  assert.match(open.text, /NotAuthorizedException/)
  const sts = await request(`${system.url}/sts`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      Version: '2011-06-15',
      Action: 'AssumeRoleWithWebIdentity',
      RoleArn: 'arn:skycrate:iam:::identity',
      RoleSessionName: 'x',
      WebIdentityToken: IdToken,
    }).toString(),
  })
  assert.equal(sts.status, 400, sts.text)
})

test('a challenge of this door is answered at this door, by the app that asked, once', async () => {
  const email = await createUser('factor')
  const { AccessToken } = await idp.signIn(email, PASSWORD, APP)
  const { SecretCode } = (await idp('AssociateSoftwareToken', { AccessToken })).json<{ SecretCode: string }>()
  const verify = { AccessToken, UserCode: totp(SecretCode, 0) }
  assert.equal(await idp.outcome('VerifySoftwareToken', verify), 'ok')
  const began = await idp('InitiateAuth', passwordSignIn(email, PASSWORD))
  const { Session, ChallengeName } = began.json<{ Session: string; ChallengeName: string }>()
  assert.equal(ChallengeName, 'SOFTWARE_TOKEN_MFA')
  const answer = (ClientId: string, code: string) => ({
    ChallengeName,
    Session,
    ClientId,
    ChallengeResponses: { USERNAME: email, SOFTWARE_TOKEN_MFA_CODE: code },
  })
  const code = totp(SecretCode, 1)
  const atRest = await apiOf(system.url, undefined).post('/auth/challenge', { challenge_token: Session, code })
  assert.equal(atRest.status, 401, atRest.text)
  assert.equal(await idp.outcome('RespondToAuthChallenge', answer(OTHER_APP, code)), 'NotAuthorizedException')
  assert.equal(await idp.outcome('RespondToAuthChallenge', answer(APP, otherThan(code))), 'CodeMismatchException')
  assert.equal(await idp.outcome('RespondToAuthChallenge', answer(APP, code)), 'ok')
  assert.equal(await idp.outcome('RespondToAuthChallenge', answer(APP, totp(SecretCode, 1))), 'NotAuthorizedException')
  const login = await apiOf(system.url, undefined).post('/auth/login', { email, password: PASSWORD })
  const restChallenge = login.json<{ challenge_token: string }>().challenge_token
  assert.equal(
    await idp.outcome('RespondToAuthChallenge', { ...answer(APP, totp(SecretCode, 1)), Session: restChallenge }),
    'NotAuthorizedException',
  )
})

test('a sign-in that needs a second factor gives nothing before there is one, and nothing to another app', async () => {
  assert.equal((await admin.post('/groups', { name: 'careful', requiresSecondFactor: true })).status, 201)
  const email = 'careful@example.com'
  assert.equal((await admin.post('/users', { email, password: PASSWORD, groups: ['careful'] })).status, 201)
  const began = await idp('InitiateAuth', passwordSignIn(email, PASSWORD))
  const { Session, ChallengeName, ...rest } = began.json<{ Session: string; ChallengeName: string }>()
  assert.equal(ChallengeName, 'MFA_SETUP')
  assert.deepEqual(Object.keys(rest), ['ChallengeParameters'])
  const finish = (ClientId: string, session: string | undefined = Session) => ({
    ChallengeName,
    ClientId,
    ChallengeResponses: { USERNAME: email },
    ...(session !== '' && { Session: session }),
  })
  assert.equal(await idp.outcome('RespondToAuthChallenge', finish(APP)), 'NotAuthorizedException', 'nothing is set up')
  assert.equal(await idp.outcome('RespondToAuthChallenge', finish(APP, '')), 'InvalidParameterException')
  for (const forged of ['x', Buffer.from('{}').toString('base64url'), Buffer.from('[1]').toString('base64url')]) {
    for (const operation of ['AssociateSoftwareToken', 'VerifySoftwareToken']) {
      assert.equal(await idp.outcome(operation, { Session: forged, UserCode: '123456' }), 'NotAuthorizedException')
    }
  }
  assert.equal(await idp.outcome('AssociateSoftwareToken', {}), 'InvalidParameterException')
  const { SecretCode } = (await idp('AssociateSoftwareToken', { Session })).json<{ SecretCode: string }>()
  const wrong = { Session, UserCode: otherThan(totp(SecretCode, 0)) }
  assert.equal(await idp.outcome('VerifySoftwareToken', wrong), 'CodeMismatchException')
  assert.equal(
    await idp.outcome('RespondToAuthChallenge', finish(APP)),
    'NotAuthorizedException',
    'nor is a wrong code',
  )
  assert.equal(await idp.outcome('VerifySoftwareToken', { Session, UserCode: totp(SecretCode, 0) }), 'ok')
  assert.equal(await idp.outcome('RespondToAuthChallenge', finish(OTHER_APP)), 'NotAuthorizedException')
  const given = await idp('RespondToAuthChallenge', finish(APP))
  const { AuthenticationResult: tokens } = given.json<{ AuthenticationResult: { AccessToken: string } }>()
  assert.equal((await apiOf(system.url, tokens.AccessToken).get('/home')).status, 200)

  const asked = { AccessToken: tokens.AccessToken }
  const device = { ...asked, DeviceKey: 'us-east-1_x' }
  assert.equal((await idp('ListDevices', asked)).text, '{"Devices":[]}')
  assert.equal((await idp('ListWebAuthnCredentials', asked)).text, '{"Credentials":[]}')
  assert.equal(await idp.outcome('ForgetDevice', device), 'ResourceNotFoundException')
  assert.equal(await idp.outcome('ConfirmDevice', device), 'InvalidUserPoolConfigurationException')
  assert.equal(await idp.outcome('StartWebAuthnRegistration', asked), 'WebAuthnNotEnabledException')
  assert.equal(await idp.outcome('VerifyUserAttribute', asked), 'InvalidParameterException')
  const none = { ...asked, CredentialId: 'none' }
  assert.equal(await idp.outcome('DeleteWebAuthnCredential', none), 'ResourceNotFoundException')
  assert.equal(await idp.outcome('ForgetDevice', { AccessToken: 'x' }), 'NotAuthorizedException')
})

test('what is not of the protocol is refused in its words', async () => {
  const raw = async (target: string, body: string): Promise<[number, string]> => {
    const answer = await request(`${system.url}/cognito-idp/`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
      body,
    })
    return [answer.status, answer.json<{ __type: string }>().__type]
  }
  for (const target of ['', 'SignUp', `${SERVICE}.AdminCreateUser`, `${SERVICE}.__proto__`, `${SERVICE}.SignUp.x`]) {
    assert.deepEqual(await raw(target, '{}'), [400, 'UnknownOperationException'], target)
  }
  assert.deepEqual(await raw(`${SERVICE}.SignUp`, '{"a'), [400, 'SerializationException'])
  assert.deepEqual(await raw(`${SERVICE}.SignUp`, 'x'.repeat(70_000)), [400, 'SerializationException'])
  for (const body of ['null', '[]', '{}', '{"ClientId":1}', `{"ClientId":"${APP}","Username":["a"],"Password":"x"}`]) {
    assert.deepEqual(await raw(`${SERVICE}.SignUp`, body), [400, 'InvalidParameterException'], body)
  }
  for (const body of [
    { AuthFlow: 'CUSTOM_AUTH', ClientId: APP },
    { AuthFlow: '__proto__', ClientId: APP },
    { AuthFlow: 'USER_PASSWORD_AUTH', ClientId: APP },
    { AuthFlow: 'USER_PASSWORD_AUTH', ClientId: APP, AuthParameters: { USERNAME: 'a@example.com', PASSWORD: '' } },
  ]) {
    assert.equal(await idp.outcome('InitiateAuth', body), 'InvalidParameterException')
  }
  const nul = passwordSignIn('a\0@example.com', 'x\0')
  assert.equal(await idp.outcome('InitiateAuth', nul), 'NotAuthorizedException')
  const more = { Username: 'c@example.com', Password: PASSWORD, ClientId: APP }
  const phone = { ...more, UserAttributes: [{ Name: 'phone_number', Value: '+49' }] }
  assert.equal(await idp.outcome('SignUp', phone), 'InvalidParameterException', 'it would be lost')
})
