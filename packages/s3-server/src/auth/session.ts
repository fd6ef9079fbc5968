import type { WebIdentity } from './web-identity.ts'

/** A session of a role: what temporary credentials stand for. */
export interface Session {
  readonly roleArn: string
  /** `AROA…`, the same for every session of a role. */
  readonly roleId: string
  readonly name: string
  /** Texts of the policies that it was started with, each of which has to allow. */
  readonly policies: readonly string[]
  /** Milliseconds since 1970. */
  readonly issuedAt: number
  /** Milliseconds since 1970, from which on the credentials are void. */
  readonly expiresAt: number
  /** Whose token started it; the policy of its role at that issuer has to allow too. */
  readonly web?: WebIdentity
  /** The session that started it, and that it can do no more than. */
  readonly parent?: Session
}

/** A session with the keys that it is used by. */
export interface SessionCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly session: Session
}

/** A session and those it came from, the first one last. */
export const lineageOf = (session: Session): readonly Session[] => {
  const lineage: Session[] = []
  for (let each: Session | undefined = session; each !== undefined; each = each.parent) lineage.push(each)
  return lineage
}
