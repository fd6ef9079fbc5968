export interface IssuedCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** A store's own service for temporary credentials that a session policy narrows. */
export interface CredentialIssuer {
  /** Whether its policies know `${*}` and the like for the characters themselves, as AWS's do. */
  readonly escapes: boolean
  /** Where clients use the credentials for a bucket. */
  placeOf(bucket: string): { readonly endpoint: string; readonly region: string }
  /**
   * @throws AppError `credentials-unsupported` where the store has no such service or no role is configured;
   * `store-unavailable`, `store-refused`
   */
  issue(request: {
    readonly policy: string
    /** 2 to 64 of `A-Za-z0-9+=,.@_-`. The store's own log shows it. */
    readonly sessionName: string
    /** 900 to 43,200. */
    readonly durationSeconds: number
  }): Promise<IssuedCredentials>
}
