import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Api, signInAsAdmin } from './api.ts'
import { upload } from './client-steps.ts'
import { dispatchLocally } from './dispatch-locally.ts'
import { type ExampleApi, startExampleApi } from './example-api.ts'
import { codeFor, otherThan, totp } from './idp-steps.ts'
import { runGuide } from './run-guide.ts'
import { startSystem, type System } from './system.ts'

// One test for two libraries: Amplify 5 as it comes, and SkyCrate's own, which takes its place.

const LIBRARIES = ['aws-amplify-5', '@skycrate/client/amplify']

interface User {
  readonly username: string
  readonly challengeName?: string
  readonly attributes: Readonly<Record<string, unknown>>
}
interface Token {
  getJwtToken(): string
}
interface Session {
  getIdToken(): Token
  getAccessToken(): Token
  isValid(): boolean
}
interface Listed {
  readonly results: readonly { readonly key?: string; readonly size?: number }[]
}
interface Library {
  readonly Amplify: { configure(config: object): unknown }
  readonly Auth: {
    signUp(wish: object): Promise<{ userConfirmed: boolean }>
    confirmSignUp(username: string, code: string): Promise<unknown>
    resendSignUp(username: string): Promise<unknown>
    signIn(username: string, password: string): Promise<User>
    confirmSignIn(user: User, code: string, type: string): Promise<User>
    signOut(options?: { global: boolean }): Promise<unknown>
    currentAuthenticatedUser(options?: { bypassCache: boolean }): Promise<User>
    currentSession(): Promise<Session>
    currentCredentials(): Promise<{
      accessKeyId: string
      sessionToken: string
      expiration?: Date
      identityId: string
      authenticated: boolean
    }>
    updateUserAttributes(user: User, attributes: object): Promise<string>
    changePassword(user: User, before: string, after: string): Promise<string>
    forgotPassword(username: string): Promise<unknown>
    forgotPasswordSubmit(username: string, code: string, password: string): Promise<unknown>
    setupTOTP(user: User): Promise<string>
    verifyTotpToken(user: User, code: string): Promise<unknown>
    deleteUser(): Promise<unknown>
  }
  readonly Storage: {
    put(key: string, data: unknown, options?: object): Promise<{ key: string }>
    get(key: string, options: { download: true; level?: string }): Promise<{ Body: Blob }>
    get(key: string, options?: object): Promise<string>
    list(path: string, options?: object): Promise<Listed>
    remove(key: string, options?: object): Promise<unknown>
    copy(from: object, to: object): Promise<{ key: string }>
  }
}

const POOL = 'us-east-1:11111111-2222-3333-4444-555555555555'
const BUCKET = 'skycrate.library'
const PASSWORD = 'three wooden lanterns'
const NEXT = 'four paper lanterns'
const LAST = 'five iron lanterns here'

let system: System
let admin: Api
let api: ExampleApi
let undo: () => void

before(async () => {
  system = await startSystem({
    env: { SKYCRATE_SIGN_UP: 'open', SKYCRATE_GUESTS: 'true', SKYCRATE_LIBRARY_BUCKET: BUCKET },
  })
  admin = await signInAsAdmin(system)
  api = await startExampleApi(system.url, 'photos')
  await upload(admin, BUCKET, 'public/all.txt', 'for all')
  const hosts: Readonly<Record<string, string>> = {
    's3.us-east-1.amazonaws.com': system.s3Url,
    'cognito-identity.us-east-1.amazonaws.com': `${system.url}/cognito-identity`,
    'api.example.com': api.url,
  }
  undo = await dispatchLocally((host) => hosts[host])
})
after(async () => {
  undo?.()
  await api?.[Symbol.asyncDispose]()
  await system?.[Symbol.asyncDispose]()
})

const coded = (code: string) => (error: { code?: string; name?: string }) => {
  assert.equal(error.code ?? error.name, code)
  return true
}

for (const name of LIBRARIES) {
  describe(name, () => {
    const slug = name.replaceAll(/\W/g, '')
    const email = `${slug}@example.com`
    let library: Library
    const auth = () => library.Auth
    const storage = () => library.Storage

    before(async () => {
      library = (await import(name)) as Library
      library.Amplify.configure({
        Auth: {
          region: 'us-east-1',
          userPoolId: 'us-east-1_SkyCrate',
          userPoolWebClientId: 'photos',
          endpoint: `${system.url}/cognito-idp`,
          authenticationFlowType: 'USER_PASSWORD_AUTH',
          identityPoolId: POOL,
        },
        Storage: { AWSS3: { bucket: BUCKET, region: 'us-east-1' } },
      })
    })

    test('somebody signs up, and confirms it by the code of the mail', async () => {
      const wish = { username: email, password: PASSWORD, attributes: { email } }
      await assert.rejects(auth().signUp({ ...wish, password: 'Password123!' }), coded('InvalidPasswordException'))
      assert.equal((await auth().signUp(wish)).userConfirmed, false)
      await assert.rejects(auth().signIn(email, PASSWORD), coded('UserNotConfirmedException'))
      const first = await codeFor(admin, email)
      await auth().resendSignUp(email)
      const code = await codeFor(admin, email, (each) => each !== first)
      await assert.rejects(auth().confirmSignUp(email, otherThan(code)), coded('CodeMismatchException'))
      await auth().confirmSignUp(email, code)
      await assert.rejects(auth().confirmSignUp(email, code), coded('ExpiredCodeException'))
      await assert.rejects(auth().signIn(email, NEXT), coded('NotAuthorizedException'))
      await assert.rejects(auth().signIn('nobody@example.com', PASSWORD), coded('NotAuthorizedException'))
    })

    test('the example of the guide runs', async () => {
      const shown: string[] = []
      await runGuide('amplify.md', 'Amplify 5', {
        replace: (text) =>
          text
            .replaceAll('http://localhost:8080', system.url)
            .replaceAll('photos.library', BUCKET)
            .replaceAll('user@example.com', email)
            .replace('// 5.', 'await look(url, response);\n// 5.'),
        values: {
          file: new Blob(['a photo'], { type: 'image/jpeg' }),
          async look(url: string, response: Response) {
            shown.push(await (await fetch(url)).text(), String(response.status))
          },
        },
        import: (specifier) => import(specifier === 'aws-amplify' ? name : specifier) as Promise<object>,
      })
      assert.deepEqual(shown, ['a photo', '201'])
      const { sub, ...record } = api.images.at(-1)!
      assert.deepEqual(record, { key: 'photo.jpg', filename: 'photo.jpg' })
      assert.match(sub, /^usr_/)
      await assert.rejects(auth().currentSession())
    })

    test('signed in, they work at each level in their own place, and nowhere else', async () => {
      const user = await auth().signIn(email, PASSWORD)
      assert.equal(user.challengeName, undefined)
      const { attributes, username } = await auth().currentAuthenticatedUser({ bypassCache: true })
      assert.deepEqual([username, attributes['email'], attributes['email_verified']], [email, email, true])
      const credentials = await auth().currentCredentials()
      assert.equal(credentials.identityId, attributes['sub'])
      assert.ok(credentials.authenticated && credentials.accessKeyId && credentials.sessionToken)
      const seen: number[] = []
      const progressCallback = ({ loaded }: { loaded: number }): void => void seen.push(loaded)
      for (const level of ['public', 'protected', 'private']) {
        const file = `${slug}/photo.txt`
        assert.equal((await storage().put(file, 'mine', { level, progressCallback })).key, file)
        const got = await storage().get(file, { level, download: true })
        assert.equal(await got.Body.text(), 'mine')
        const { results } = await storage().list(`${slug}/`, { level })
        assert.deepEqual(
          results.map(({ key, size }) => [key, size]),
          [[file, 4]],
        )
        assert.equal(
          (await storage().copy({ key: file, level }, { key: `${slug}/copy.txt`, level })).key,
          `${slug}/copy.txt`,
        )
        await storage().remove(file, { level })
        await assert.rejects(storage().get(file, { level, download: true } as const))
      }
      // Without XMLHttpRequest, Amplify tells nothing.
      if (name !== 'aws-amplify-5') assert.equal(seen.at(-1), 4)
      const other = 'usr_01kaj7x2v9c4t0m8q3n5p6r7s8'
      await assert.rejects(storage().list('', { level: 'private', identityId: other }))
      await assert.rejects(storage().put('../usr_01kaj7x2v9c4t0m8q3n5p6r7s8/x.txt', 'x', { level: 'private' }))
      assert.equal(await auth().updateUserAttributes(user, { name: 'Ada' }), 'SUCCESS')
      assert.equal((await auth().currentAuthenticatedUser({ bypassCache: true })).attributes['name'], 'Ada')
    })

    test('a second factor, another password, a forgotten one, and the end', async () => {
      const user = await auth().currentAuthenticatedUser()
      const secret = await auth().setupTOTP(user)
      await assert.rejects(auth().verifyTotpToken(user, otherThan(totp(secret, 0))), coded('CodeMismatchException'))
      await auth().verifyTotpToken(user, totp(secret, 0))
      await auth().signOut()
      const challenged = await auth().signIn(email, PASSWORD)
      assert.equal(challenged.challengeName, 'SOFTWARE_TOKEN_MFA')
      const wrong = auth().confirmSignIn(challenged, otherThan(totp(secret, 0)), 'SOFTWARE_TOKEN_MFA')
      await assert.rejects(wrong, coded('CodeMismatchException'))
      const signedIn = await auth().confirmSignIn(challenged, totp(secret, 1), 'SOFTWARE_TOKEN_MFA')
      assert.ok((await auth().currentSession()).isValid())
      await assert.rejects(auth().changePassword(signedIn, LAST, NEXT), coded('NotAuthorizedException'))
      assert.equal(await auth().changePassword(signedIn, PASSWORD, NEXT), 'SUCCESS')
      await auth().signOut()
      const seen = await codeFor(admin, email)
      await auth().forgotPassword(email)
      const code = await codeFor(admin, email, (each) => each !== seen)
      await assert.rejects(auth().forgotPasswordSubmit(email, otherThan(code), LAST), coded('CodeMismatchException'))
      await auth().forgotPasswordSubmit(email, code, LAST)
      await assert.rejects(auth().signIn(email, NEXT), coded('NotAuthorizedException'))
      assert.equal((await auth().signIn(email, LAST)).challengeName, 'SOFTWARE_TOKEN_MFA')
    })

    test('a user signs out everywhere, and deletes the account', async () => {
      const other = { username: `other-${slug}@example.com`, password: PASSWORD }
      await auth().signUp({ ...other, attributes: { email: other.username } })
      await auth().confirmSignUp(other.username, await codeFor(admin, other.username))
      for (const end of [() => auth().signOut({ global: true }), () => auth().deleteUser()]) {
        await auth().signIn(other.username, other.password)
        const token = (await auth().currentSession()).getAccessToken().getJwtToken()
        const me = () => fetch(`${system.url}/api/v1/auth/me`, { headers: { authorization: `Bearer ${token}` } })
        assert.equal((await me()).status, 200)
        await end()
        assert.equal((await me()).status, 401)
        await assert.rejects(auth().currentSession())
      }
    })

    test('whoever needs a second factor and has none sets it up to sign in', async () => {
      const made = await admin.post('/groups', { name: slug, requiresSecondFactor: true })
      assert.equal(made.status, 201, made.text)
      const careful = `careful-${slug}@example.com`
      const user = await admin.post('/users', { email: careful, password: PASSWORD, groups: [slug] })
      assert.equal(user.status, 201, user.text)
      const began = await auth().signIn(careful, PASSWORD)
      assert.equal(began.challengeName, 'MFA_SETUP')
      const secret = await auth().setupTOTP(began)
      await assert.rejects(auth().verifyTotpToken(began, otherThan(totp(secret, 0))), coded('CodeMismatchException'))
      await auth().verifyTotpToken(began, totp(secret, 0))
      assert.equal((await auth().currentAuthenticatedUser()).attributes['email'], careful)
      await auth().signOut()
    })

    // At the end: Amplify 5 puts with the credentials of the last list or get.
    test('a guest lists and reads what is public, and nothing else', async () => {
      const { results } = await storage().list('', { level: 'public' })
      assert.ok(results.some(({ key }) => key === 'all.txt'))
      const url = await storage().get('all.txt', { level: 'public' })
      assert.equal(await (await fetch(url)).text(), 'for all')
      await assert.rejects(storage().put('guest.txt', 'x', { level: 'public' }))
      await assert.rejects(storage().list('', { level: 'private' }))
      const credentials = await auth().currentCredentials()
      assert.equal(credentials.authenticated, false)
      await assert.rejects(auth().currentAuthenticatedUser())
      await assert.rejects(auth().currentSession())
    })
  })
}

test('the example of the client alone runs', async () => {
  const seen: unknown[] = []
  await runGuide('amplify.md', 'Without the AWS SDK', {
    replace: (text) =>
      text
        .replaceAll('http://localhost:8080', system.url)
        .replaceAll('photos.library', BUCKET)
        .replaceAll('user@example.com', system.admin.email)
        .replaceAll('three wooden lanterns', system.admin.password)
        .replace('await Storage.remove', 'look(results.length, await Body.text())\nawait Storage.remove'),
    values: {
      file: new Blob(['a photo']),
      look: (...values: unknown[]) => seen.push(...values),
      console: { log() {} },
    },
    import: (specifier) => import(specifier) as Promise<object>,
  })
  assert.deepEqual(seen, [1, 'a photo'])
})

test('the client renews its tokens, and has the rest of Storage', async () => {
  const name = '@skycrate/client/amplify'
  const { Amplify, Auth, Storage } = (await import(name)) as Omit<Library, 'Storage'> & {
    readonly Storage: Omit<Library['Storage'], 'put'> & {
      put(key: string, data: unknown, options: object): { pause(): void; resume(): void; readonly percent: number }
      getProperties(key: string, options?: object): Promise<{ ContentType: string; ContentLength: number }>
      cancel(transfer: unknown): boolean
      isCancelError(error: unknown): boolean
    }
  }
  const kept = new Map<string, string>()
  Amplify.configure({
    Auth: {
      storage: {
        getItem: (key: string) => kept.get(key) ?? null,
        setItem: (key: string, value: string) => void kept.set(key, value),
        removeItem: (key: string) => void kept.delete(key),
      },
    },
  })
  await Auth.signIn(system.admin.email, system.admin.password)
  const [[key, text] = ['', '']] = kept
  const before = JSON.parse(text) as { accessToken: string; refreshToken: string }
  kept.set(key, JSON.stringify({ ...before, accessExpiresAt: 0 }))
  const sessions = await Promise.all([Auth.currentSession(), Auth.currentSession()])
  const [first, second] = sessions.map((session) => session.getAccessToken().getJwtToken())
  assert.equal(first, second)
  assert.notEqual(first, before.accessToken)
  assert.ok(sessions[0]!.isValid())

  const data = new Blob([new Uint8Array(20 * 1024 * 1024)], { type: 'image/png' })
  const done = await new Promise<{ key: string }>((resolve, reject) => {
    const task = Storage.put('large.png', data, { resumable: true, completeCallback: resolve, errorCallback: reject })
    task.pause()
    task.resume()
  })
  assert.equal(done.key, 'large.png')
  const { ContentType, ContentLength } = await Storage.getProperties('large.png')
  assert.deepEqual([ContentType, ContentLength], ['image/png', data.size])
  const cancelled = Storage.put('cancelled.png', data, {}) as unknown as Promise<unknown>
  assert.ok(Storage.cancel(cancelled))
  await assert.rejects(cancelled, (error) => Storage.isCancelError(error))
  const missing = Storage.get('cancelled.png', { validateObjectExistence: true })
  await assert.rejects(missing, coded('NotFound'))
  const saved = await Storage.get('large.png', { contentDisposition: 'attachment; filename="a b.png"', expires: 60 })
  const { headers, status } = await fetch(saved, { headers: { range: 'bytes=0-0' } })
  assert.equal(status, 206)
  assert.match(headers.get('content-disposition') ?? '', /a(%20| )b\.png/)
  const lost = Storage.put('x', 'y', { metadata: { a: 'b' } }) as unknown as Promise<unknown>
  await assert.rejects(lost, coded('UnsupportedOption'))
  await Storage.remove('large.png')
  await Auth.signOut()
  assert.equal(kept.size, 0)
})
