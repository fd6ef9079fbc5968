import type { StoredTokens } from '../sessions/token-store.ts'
import type { AmplifyApp } from './amplify-app.ts'
import type { AmplifyConfig } from './amplify-config.ts'
import { AmplifyError } from './amplify-error.ts'
import { callService } from './call-service.ts'
import { type AmplifyCredentials, createCredentials } from './credentials.ts'
import { type AmplifyUser, amplifyUser, type Attributes } from './user.ts'
import { endsSoon, type UserSession, userSession } from './user-session.ts'

export interface CodeDelivery {
  readonly AttributeName: string
  readonly DeliveryMedium: string
  readonly Destination: string
}

export interface SignUpParams {
  readonly username: string
  readonly password: string
  readonly attributes?: Readonly<Record<string, string>>
}

export interface SignUpResult {
  readonly user: AmplifyUser
  readonly userConfirmed: boolean
  readonly userSub: string
  readonly codeDeliveryDetails: CodeDelivery
}

/**
 * `Auth` of Amplify 5. Each call rejects with an `AmplifyError`, whose `code` is Cognito's.
 * @see https://docs.amplify.aws/gen1/javascript/prev/build-a-backend/auth/
 */
export interface AmplifyAuth {
  configure(config?: AmplifyConfig['Auth']): AmplifyConfig['Auth']
  signUp(params: SignUpParams | string, password?: string, email?: string): Promise<SignUpResult>
  confirmSignUp(username: string, code: string): Promise<'SUCCESS'>
  resendSignUp(username: string): Promise<{ readonly CodeDeliveryDetails: CodeDelivery }>
  signIn(
    given: string | { readonly username: string; readonly password: string },
    password?: string,
  ): Promise<AmplifyUser>
  /** @param mfaType `SOFTWARE_TOKEN_MFA`, the only one */
  confirmSignIn(user: AmplifyUser, code: string, mfaType?: string | null): Promise<AmplifyUser>
  signOut(options?: { readonly global?: boolean }): Promise<void>
  currentAuthenticatedUser(options?: { readonly bypassCache?: boolean }): Promise<AmplifyUser>
  currentUserPoolUser(options?: { readonly bypassCache?: boolean }): Promise<AmplifyUser>
  currentUserInfo(): Promise<{ readonly id: string; readonly username: string; readonly attributes: Attributes } | null>
  currentSession(): Promise<UserSession>
  userSession(user?: unknown): Promise<UserSession>
  currentCredentials(): Promise<AmplifyCredentials>
  currentUserCredentials(): Promise<AmplifyCredentials>
  essentialCredentials(credentials: AmplifyCredentials): AmplifyCredentials
  userAttributes(user?: unknown): Promise<readonly { readonly Name: string; readonly Value: string }[]>
  updateUserAttributes(user: unknown, attributes: Readonly<Record<string, string>>): Promise<'SUCCESS'>
  changePassword(user: unknown, before: string, after: string): Promise<'SUCCESS'>
  forgotPassword(username: string): Promise<{ readonly CodeDeliveryDetails: CodeDelivery }>
  forgotPasswordSubmit(username: string, code: string, password: string): Promise<'SUCCESS'>
  /** @returns the secret, for the authenticator app */
  setupTOTP(user?: unknown): Promise<string>
  verifyTotpToken(user: unknown, code: string): Promise<UserSession>
  getPreferredMFA(user?: unknown): Promise<'SOFTWARE_TOKEN_MFA' | 'NOMFA'>
  setPreferredMFA(user: unknown, method: 'TOTP' | 'SOFTWARE_TOKEN_MFA' | 'NOMFA'): Promise<'SUCCESS'>
  deleteUser(): Promise<'SUCCESS'>
}

interface Result {
  readonly AuthenticationResult?: {
    readonly AccessToken: string
    readonly IdToken: string
    readonly RefreshToken: string
    readonly ExpiresIn: number
  }
  readonly ChallengeName?: string
  readonly ChallengeParameters?: Record<string, string>
  readonly Session?: string
}

interface UserAnswer {
  readonly Username: string
  readonly UserAttributes: readonly { readonly Name: string; readonly Value: string }[]
  readonly PreferredMfaSetting?: 'SOFTWARE_TOKEN_MFA'
}

const SUCCESS = 'SUCCESS'
const SET_UP = 'MFA_SETUP'

/** A user who has to set up an authenticator app to be signed in; undefined for any other. */
function unfinished(user: unknown): AmplifyUser | undefined {
  const given = user as AmplifyUser | undefined
  return given?.challengeName === SET_UP ? given : undefined
}
const noUser = (): AmplifyError => new AmplifyError('NotAuthenticated', 'The user is not authenticated')

export function createAuth(app: AmplifyApp): AmplifyAuth {
  const idp = <T = object>(operation: string, body: object): Promise<T> =>
    callService<T>(app.current().settings.baseUrl, 'cognito-idp', operation, body)
  const byApp = <T = object>(operation: string, body: object): Promise<T> =>
    idp<T>(operation, { ...body, ClientId: app.current().settings.clientId })
  const credentials = createCredentials(app, () => held().then(({ idToken }) => idToken))

  /** The tokens of who is signed in, renewed where they end. */
  async function held(): Promise<StoredTokens> {
    const { client, tokens } = app.current()
    await client.accessToken()
    const { idToken } = tokens.read() ?? {}
    if (idToken !== undefined && endsSoon(idToken, Date.now())) await client.accessToken({ renew: true })
    return tokens.read() ?? Promise.reject(noUser())
  }

  const byToken = async <T = object>(operation: string, body: object = {}): Promise<T> =>
    idp<T>(operation, { ...body, AccessToken: (await held()).accessToken })

  function completed(username: string, result: Result): Promise<AmplifyUser> | AmplifyUser {
    const { AuthenticationResult: given, ChallengeName: name, Session: session = '' } = result
    if (!given) {
      const parameters = result.ChallengeParameters ?? {}
      return amplifyUser(username, { challenge: { name: name ?? '', session, parameters } })
    }
    credentials.forget()
    app.current().tokens.write({
      accessToken: given.AccessToken,
      accessExpiresAt: Date.now() + given.ExpiresIn * 1000,
      refreshToken: given.RefreshToken,
      idToken: given.IdToken,
    })
    return currentUser()
  }

  async function currentUser(): Promise<AmplifyUser> {
    const { Username: username, UserAttributes: list, PreferredMfaSetting: mfa } = await byToken<UserAnswer>('GetUser')
    const read = (name: string, value: string): string | boolean =>
      name === 'email_verified' ? value === 'true' : value
    const attributes = Object.fromEntries(list.map(({ Name, Value }) => [Name, read(Name, Value)]))
    const session = userSession(await held())
    return amplifyUser(username, { attributes, session, ...(mfa && { preferredMFA: mfa }) })
  }

  async function end(global: boolean): Promise<void> {
    const { tokens, settings } = app.current()
    const before = tokens.read()
    credentials.forget()
    if (!before) return
    try {
      if (global) await byToken('GlobalSignOut')
      else await idp('RevokeToken', { Token: before.refreshToken, ClientId: settings.clientId })
    } finally {
      // Here in any case.
      tokens.clear()
    }
  }

  const auth: AmplifyAuth = {
    configure: (config) => app.configure(config === undefined ? {} : { Auth: config }).Auth,

    async signUp(params, password = '', email) {
      const given: SignUpParams =
        typeof params === 'string'
          ? { username: params, password, ...(email !== undefined && { attributes: { email } }) }
          : params
      const { username, attributes = {} } = given
      const answer = await byApp<{ UserConfirmed: boolean; UserSub: string; CodeDeliveryDetails: CodeDelivery }>(
        'SignUp',
        {
          Username: username,
          Password: given.password,
          UserAttributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
        },
      )
      return {
        user: amplifyUser(username, {}),
        userConfirmed: answer.UserConfirmed,
        userSub: answer.UserSub,
        codeDeliveryDetails: answer.CodeDeliveryDetails,
      }
    },
    async confirmSignUp(username, code) {
      await byApp('ConfirmSignUp', { Username: username, ConfirmationCode: code })
      return SUCCESS
    },
    resendSignUp: (username) => byApp('ResendConfirmationCode', { Username: username }),

    async signIn(given, password = '') {
      const { username, password: secret } = typeof given === 'string' ? { username: given, password } : given
      const result = await byApp<Result>('InitiateAuth', {
        AuthFlow: 'USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: username, PASSWORD: secret },
      })
      return completed(username, result)
    },
    async confirmSignIn(user, code) {
      const result = await byApp<Result>('RespondToAuthChallenge', {
        ChallengeName: user.challengeName ?? 'SOFTWARE_TOKEN_MFA',
        Session: user.Session,
        ChallengeResponses: { USERNAME: user.username, SOFTWARE_TOKEN_MFA_CODE: code },
      })
      return completed(user.username, result)
    },
    signOut: ({ global = false } = {}) => end(global),

    currentAuthenticatedUser: () => currentUser(),
    currentUserPoolUser: () => currentUser(),
    async currentUserInfo() {
      if (!app.current().tokens.read()) return null
      const { username, attributes = {} } = await currentUser()
      return { id: String(attributes['sub']), username, attributes }
    },
    async currentSession() {
      return userSession(await held())
    },
    userSession: () => auth.currentSession(),
    currentCredentials: () => credentials.current(),
    currentUserCredentials: () => credentials.current(),
    essentialCredentials: ({ accessKeyId, secretAccessKey, sessionToken, expiration, identityId, authenticated }) => ({
      accessKeyId,
      secretAccessKey,
      sessionToken,
      expiration,
      identityId,
      authenticated,
    }),

    userAttributes: async () => (await byToken<UserAnswer>('GetUser')).UserAttributes,
    async updateUserAttributes(_user, attributes) {
      const list = Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }))
      await byToken('UpdateUserAttributes', { UserAttributes: list })
      return SUCCESS
    },
    async changePassword(_user, before, after) {
      await byToken('ChangePassword', { PreviousPassword: before, ProposedPassword: after })
      return SUCCESS
    },
    forgotPassword: (username) => byApp('ForgotPassword', { Username: username }),
    async forgotPasswordSubmit(username, code, password) {
      await byApp('ConfirmForgotPassword', { Username: username, ConfirmationCode: code, Password: password })
      return SUCCESS
    },

    async setupTOTP(user) {
      const { Session } = unfinished(user) ?? {}
      const asking =
        Session === undefined
          ? byToken<{ SecretCode: string }>('AssociateSoftwareToken')
          : idp<{ SecretCode: string }>('AssociateSoftwareToken', { Session })
      return (await asking).SecretCode
    },
    async verifyTotpToken(user, code) {
      const signingIn = unfinished(user)
      if (signingIn) {
        const { Session, username } = signingIn
        await idp('VerifySoftwareToken', { Session, UserCode: code })
        const answer = { ChallengeName: SET_UP, Session, ChallengeResponses: { USERNAME: username } }
        await completed(username, await byApp<Result>('RespondToAuthChallenge', answer))
      } else {
        await byToken('VerifySoftwareToken', { UserCode: code })
      }
      return auth.currentSession()
    },
    getPreferredMFA: async () => (await byToken<UserAnswer>('GetUser')).PreferredMfaSetting ?? 'NOMFA',
    async setPreferredMFA(_user, method) {
      await byToken('SetUserMFAPreference', { SoftwareTokenMfaSettings: { Enabled: method !== 'NOMFA' } })
      return SUCCESS
    },
    async deleteUser() {
      await byToken('DeleteUser')
      credentials.forget()
      app.current().tokens.clear()
      return SUCCESS
    },
  }
  return auth
}
