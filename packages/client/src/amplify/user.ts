import type { UserSession } from './user-session.ts'

export type Attributes = Readonly<Record<string, string | boolean>>

/** Somebody who signs in or has signed in, as Amplify 5 shows them. */
export interface AmplifyUser {
  readonly username: string
  readonly attributes?: Attributes
  /** What is asked for next: `SOFTWARE_TOKEN_MFA`, or `MFA_SETUP`. Undefined for who is signed in. */
  readonly challengeName?: string
  readonly challengeParam?: Readonly<Record<string, string>>
  /** Of the challenge. */
  readonly Session?: string
  readonly signInUserSession: UserSession | null
  readonly preferredMFA: string
  getUsername(): string
  getSignInUserSession(): UserSession | null
}

export function amplifyUser(
  username: string,
  given: {
    readonly attributes?: Attributes
    readonly session?: UserSession
    readonly challenge?: {
      readonly name: string
      readonly session: string
      readonly parameters: Record<string, string>
    }
    readonly preferredMFA?: string
  },
): AmplifyUser {
  const { attributes, session = null, challenge, preferredMFA = 'NOMFA' } = given
  return {
    username,
    ...(attributes && { attributes }),
    ...(challenge && {
      challengeName: challenge.name,
      challengeParam: challenge.parameters,
      Session: challenge.session,
    }),
    signInUserSession: session,
    preferredMFA,
    getUsername: () => username,
    getSignInUserSession: () => session,
  }
}
