/** A session of a role: what temporary credentials stand for. */
export interface Session {
  readonly roleArn: string
  /** `AROA…`, the same for every session of a role. */
  readonly roleId: string
  readonly name: string
  /** Texts of policies, each of which has to allow; one more for each time that a session assumed a role. */
  readonly policies: readonly string[]
  /** Milliseconds since 1970. */
  readonly issuedAt: number
  /** Milliseconds since 1970, from which on the credentials are void. */
  readonly expiresAt: number
}

/** A session with the keys that it is used by. */
export interface SessionCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly session: Session
}
