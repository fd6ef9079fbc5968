import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Amplify } from 'aws-amplify'
import {
  confirmResetPassword,
  confirmSignIn,
  confirmSignUp,
  deleteUser,
  fetchAuthSession,
  fetchDevices,
  fetchMFAPreference,
  fetchUserAttributes,
  getCurrentUser,
  resendSignUpCode,
  resetPassword,
  setUpTOTP,
  signIn,
  signOut,
  signUp,
  updatePassword,
  updateUserAttributes,
  verifyTOTPSetup,
} from 'aws-amplify/auth'
import { downloadData, getUrl, list, remove, uploadData } from 'aws-amplify/storage'
import { type Api, apiOf, auditEvents, signInAsAdmin } from './api.ts'
import { upload } from './client-steps.ts'
import { dispatchLocally } from './dispatch-locally.ts'
import { codeFor, otherThan, totp } from './idp-steps.ts'
import { runGuide } from './run-guide.ts'
import { startSystem, type System } from './system.ts'

// One app in its whole life, with the client as it comes.

const POOL = 'us-east-1:11111111-2222-3333-4444-555555555555'
/** With a dot, so that Amplify puts the bucket into the path: its host is AWS's. */
const BUCKET = 'skycrate.library'
const EMAIL = 'ada@example.com'
const PASSWORD = 'three wooden lanterns'
const NEXT = 'four paper lanterns'
const LAST = 'five iron lanterns here'
const FLOW = { authFlowType: 'USER_PASSWORD_AUTH' } as const

let system: System
let admin: Api
let undo: () => void

before(async () => {
  system = await startSystem({
    env: { SKYCRATE_SIGN_UP: 'open', SKYCRATE_GUESTS: 'true', SKYCRATE_LIBRARY_BUCKET: BUCKET },
  })
  admin = await signInAsAdmin(system)
  await upload(admin, BUCKET, 'public/all.txt', 'for all')
  undo = await dispatchLocally((host) => (host === 's3.us-east-1.amazonaws.com' ? system.s3Url : undefined))
  Amplify.configure({
    Auth: {
      Cognito: {
        userPoolId: 'us-east-1_SkyCrate',
        userPoolClientId: 'photos',
        userPoolEndpoint: `${system.url}/cognito-idp`,
        identityPoolId: POOL,
        identityPoolEndpoint: `${system.url}/cognito-identity`,
        allowGuestAccess: true,
      } as never,
    },
    Storage: { S3: { bucket: BUCKET, region: 'us-east-1' } },
  })
})
after(async () => {
  undo?.()
  await system?.[Symbol.asyncDispose]()
})

const named = (name: string) => ({ name })
const enter = (password: string) => signIn({ username: EMAIL, password, options: FLOW })
const path = ({ identityId }: { identityId?: string }): string => `private/${identityId}/photo.txt`

test('a guest reads what is public, and nothing else', async () => {
  assert.match((await fetchAuthSession()).identityId!, /^us-east-1:/)
  assert.equal(await (await downloadData({ path: 'public/all.txt' }).result).body.text(), 'for all')
  await assert.rejects(uploadData({ path: 'public/guest.txt', data: 'x' }).result)
  await assert.rejects(list({ path: 'private/' }))
})

test('somebody signs up, and confirms it by the code of the mail', async () => {
  const weak = signUp({ username: EMAIL, password: 'Password123!', options: { userAttributes: { email: EMAIL } } })
  await assert.rejects(weak, named('InvalidPasswordException'))
  const began = await signUp({
    username: EMAIL,
    password: PASSWORD,
    options: { userAttributes: { email: EMAIL, name: 'Ada' } },
  })
  assert.equal(began.nextStep.signUpStep, 'CONFIRM_SIGN_UP')
  assert.equal((await enter(PASSWORD)).nextStep.signInStep, 'CONFIRM_SIGN_UP', 'not before it is confirmed')
  const first = await codeFor(admin, EMAIL)
  await resendSignUpCode({ username: EMAIL })
  const code = await codeFor(admin, EMAIL, (each) => each !== first)
  const confirm = (confirmationCode: string) => confirmSignUp({ username: EMAIL, confirmationCode })
  await assert.rejects(confirm(otherThan(code)), named('CodeMismatchException'))
  assert.equal((await confirm(code)).nextStep.signUpStep, 'DONE')
  await assert.rejects(confirm(code), named('ExpiredCodeException'), 'it works once')
})

test('SRP is refused with the setting that helps', async () => {
  await assert.rejects(signIn({ username: EMAIL, password: PASSWORD }), /authFlowType: 'USER_PASSWORD_AUTH'/)
})

test('the flow in which the person chooses ends with the password, named at once or when asked', async () => {
  const options = { authFlowType: 'USER_AUTH', preferredChallenge: 'PASSWORD' } as const
  assert.equal((await signIn({ username: EMAIL, password: PASSWORD, options })).nextStep.signInStep, 'DONE')
  assert.equal((await getCurrentUser()).username, EMAIL)
  await signOut()
  const { nextStep } = await signIn({ username: EMAIL, options: { authFlowType: 'USER_AUTH' } })
  assert.equal(nextStep.signInStep, 'CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION')
  const asked = await confirmSignIn({ challengeResponse: 'PASSWORD' })
  assert.equal(asked.nextStep.signInStep, 'CONFIRM_SIGN_IN_WITH_PASSWORD')
  await assert.rejects(confirmSignIn({ challengeResponse: 'wrong wooden lanterns' }), named('NotAuthorizedException'))
  assert.equal((await confirmSignIn({ challengeResponse: PASSWORD })).nextStep.signInStep, 'DONE')
  await signOut()
})

test('signed in, they work in their own folder and are refused at a neighbour', async () => {
  await assert.rejects(enter('wrong wooden lanterns'), named('NotAuthorizedException'))
  assert.equal((await enter(PASSWORD)).nextStep.signInStep, 'DONE')
  const { tokens, identityId, credentials } = await fetchAuthSession()
  const user = await getCurrentUser()
  assert.equal(user.username, EMAIL)
  assert.equal(user.userId, identityId)
  assert.ok(credentials?.sessionToken)
  const claims = tokens!.idToken!.payload
  assert.deepEqual([claims['email'], claims['token_use'], claims['aud']], [EMAIL, 'id', 'photos'])
  assert.deepEqual(await fetchUserAttributes(), {
    sub: identityId,
    email: EMAIL,
    email_verified: 'true',
    name: 'Ada',
  })
  await updateUserAttributes({ userAttributes: { name: 'Ada L.' } })
  assert.equal((await fetchUserAttributes()).name, 'Ada L.')

  await uploadData({ path, data: 'mine' }).result
  assert.equal(await (await downloadData({ path }).result).body.text(), 'mine')
  const { items } = await list({ path: ({ identityId: id }) => `private/${id}/` })
  assert.deepEqual(
    items.map((each) => each.path),
    [`private/${identityId}/photo.txt`],
  )
  const { url } = await getUrl({ path })
  assert.equal(await (await fetch(url)).text(), 'mine')
  const neighbour = 'private/usr_01kaj7x2v9c4t0m8q3n5p6r7s8/photo.txt'
  await assert.rejects(downloadData({ path: neighbour }).result, /denied/i)
  await assert.rejects(uploadData({ path: neighbour, data: 'x' }).result, /denied/i)
  await assert.rejects(list({ path: 'private/' }), /denied/i)
})

test("the app's ID token is good for records of images, and not for the account", async () => {
  const { tokens, identityId } = await fetchAuthSession()
  const api = apiOf(system.url, String(tokens!.idToken))
  const record = { bucket: BUCKET, key: `private/${identityId}/photo.txt`, filename: 'photo.txt' }
  const created = await api.post('/files', record)
  assert.equal(created.status, 201, created.text)
  const { id } = created.json<{ id: string }>()
  assert.equal((await api.delete(`/files/${id}`)).status, 204)
  for (const [method, route] of [
    ['get', '/auth/sessions'],
    ['get', '/users'],
  ] as const) {
    const refused = await api[method](route)
    assert.equal(refused.status, 401, refused.text)
    assert.match(refused.text, /ID token/)
  }
})

test('tokens are renewed, and a sign-out ends them', async () => {
  const before = (await fetchAuthSession()).tokens!
  const renewed = (await fetchAuthSession({ forceRefresh: true })).tokens!
  assert.notEqual(String(renewed.accessToken), String(before.accessToken))
  await remove({ path: 'public/none.txt' })
  await signOut()
  assert.equal((await fetchAuthSession()).tokens, undefined)
  assert.equal((await apiOf(system.url, String(renewed.accessToken)).get('/auth/me')).status, 401)
  assert.equal((await apiOf(system.url, String(renewed.idToken)).get('/auth/me')).status, 401)
})

let secret: string
let recoveryCodes: string[]
/** Each is good once. */
const recoveryCode = (): string => recoveryCodes.pop()!

test('an authenticator app is set up, and then asked for', async () => {
  await enter(PASSWORD)
  secret = (await setUpTOTP()).sharedSecret
  await assert.rejects(verifyTOTPSetup({ code: otherThan(totp(secret, 0)) }), named('CodeMismatchException'))
  await verifyTOTPSetup({ code: totp(secret, 0) })
  assert.deepEqual((await fetchMFAPreference()).enabled, ['TOTP'])
  await signOut()
  assert.equal((await enter(PASSWORD)).nextStep.signInStep, 'CONFIRM_SIGN_IN_WITH_TOTP_CODE')
  const wrong = confirmSignIn({ challengeResponse: otherThan(totp(secret, 0)) })
  await assert.rejects(wrong, named('CodeMismatchException'))
  assert.equal((await confirmSignIn({ challengeResponse: totp(secret, 1) })).nextStep.signInStep, 'DONE')
  const { tokens, credentials } = await fetchAuthSession()
  assert.ok(credentials)
  const made = await apiOf(system.url, String(tokens!.accessToken)).post('/auth/factors/recovery-codes', {})
  assert.equal(made.status, 201, made.text)
  recoveryCodes = made.json<{ recoveryCodes: string[] }>().recoveryCodes
})

test('whoever needs a second factor and has none sets it up to sign in', async () => {
  await signOut()
  assert.equal((await admin.post('/groups', { name: 'careful', requiresSecondFactor: true })).status, 201)
  const username = 'careful@example.com'
  const made = await admin.post('/users', { email: username, password: PASSWORD, groups: ['careful'] })
  assert.equal(made.status, 201, made.text)
  const entering = () => signIn({ username, password: PASSWORD, options: FLOW })
  const { nextStep } = await entering()
  assert.ok(nextStep.signInStep === 'CONTINUE_SIGN_IN_WITH_TOTP_SETUP', nextStep.signInStep)
  assert.equal((await fetchAuthSession()).tokens, undefined, 'not signed in')
  const { sharedSecret } = nextStep.totpSetupDetails
  await assert.rejects(
    confirmSignIn({ challengeResponse: otherThan(totp(sharedSecret, 0)) }),
    named('CodeMismatchException'),
  )
  assert.equal((await confirmSignIn({ challengeResponse: totp(sharedSecret, 0) })).nextStep.signInStep, 'DONE')
  const { credentials } = await fetchAuthSession()
  assert.ok(credentials)
  await uploadData({ path, data: 'with two factors' }).result
  assert.deepEqual(await fetchDevices(), [])
  await signOut()
  assert.equal((await entering()).nextStep.signInStep, 'CONFIRM_SIGN_IN_WITH_TOTP_CODE')
  assert.equal((await confirmSignIn({ challengeResponse: totp(sharedSecret, 1) })).nextStep.signInStep, 'DONE')
  await signOut()
  await enter(PASSWORD)
  assert.equal((await confirmSignIn({ challengeResponse: recoveryCode() })).nextStep.signInStep, 'DONE')
})

test('a password is changed, and a forgotten one is set by the code of a mail', async () => {
  await assert.rejects(
    updatePassword({ oldPassword: 'wrong wooden lanterns', newPassword: NEXT }),
    named('NotAuthorizedException'),
  )
  await updatePassword({ oldPassword: PASSWORD, newPassword: NEXT })
  await signOut()
  await assert.rejects(enter(PASSWORD), named('NotAuthorizedException'))

  const seen = await codeFor(admin, EMAIL)
  const { nextStep } = await resetPassword({ username: EMAIL })
  assert.equal(nextStep.resetPasswordStep, 'CONFIRM_RESET_PASSWORD_WITH_CODE')
  const code = await codeFor(admin, EMAIL, (each) => each !== seen)
  const confirm = (confirmationCode: string) =>
    confirmResetPassword({ username: EMAIL, confirmationCode, newPassword: LAST })
  await assert.rejects(confirm(otherThan(code)), named('CodeMismatchException'))
  await confirm(code)
  assert.equal((await enter(LAST)).nextStep.signInStep, 'CONFIRM_SIGN_IN_WITH_TOTP_CODE')
  assert.equal((await confirmSignIn({ challengeResponse: recoveryCode() })).nextStep.signInStep, 'DONE')
})

test('a user signs out everywhere, and deletes the account; all of it is recorded under this door', async () => {
  const token = String((await fetchAuthSession()).tokens!.accessToken)
  await signOut({ global: true })
  assert.equal((await apiOf(system.url, token).get('/auth/me')).status, 401)
  const events = (await auditEvents(admin, '/audit/logs')) as unknown as { action: string; door: string }[]
  const actions = new Set(events.filter(({ door }) => door === 'cognito-idp').map(({ action }) => action))
  for (const action of [
    'auth.sign-up',
    'auth.resend-code',
    'auth.confirm',
    'user.create',
    'auth.login',
    'auth.challenge',
    'auth.refresh',
    'auth.logout',
    'auth.end-session',
    'factor.create',
    'auth.change-password',
    'auth.forgot-password',
    'auth.reset-password',
    'user.update',
  ]) {
    assert.ok(actions.has(action), action)
  }

  const other = { username: 'bob@example.com', password: PASSWORD }
  await signUp({ ...other, options: { userAttributes: { email: other.username } } })
  await confirmSignUp({ username: other.username, confirmationCode: await codeFor(admin, other.username) })
  await signIn({ ...other, options: FLOW })
  const bob = String((await fetchAuthSession()).tokens!.accessToken)
  await deleteUser()
  assert.equal((await apiOf(system.url, bob).get('/auth/me')).status, 401)
})

test('the guide is right', async () => {
  const user = { username: 'user@example.com', password: PASSWORD }
  await signUp({ ...user, options: { userAttributes: { email: user.username } } })
  await confirmSignUp({ username: user.username, confirmationCode: await codeFor(admin, user.username) })
  const replace = (text: string): string =>
    text.replaceAll('http://localhost:8080', system.url).replaceAll('photos.library', BUCKET)
  await runGuide('amplify.md', 'Amplify 6', {
    replace,
    values: { file: 'a photo' },
    import: (name) => import(name) as Promise<object>,
  })
  assert.equal((await fetchAuthSession()).tokens?.idToken?.payload['email'], user.username)
  await signOut()
})
