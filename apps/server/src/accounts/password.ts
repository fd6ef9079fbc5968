import { hash, verify } from '@node-rs/argon2'
import { compare } from 'bcryptjs'
import { AppError } from '../errors/app-error.ts'
import { createJobQueue } from './job-queue.ts'

export interface Passwords {
  /** @throws AppError `too-many-requests` while too many passwords wait for their turn */
  hash(password: string): Promise<string>
  /**
   * @param passwordHash undefined where there is no such account: the answer then takes as long, and is no
   * @throws AppError `too-many-requests` while too many passwords wait for their turn
   */
  verify(passwordHash: string | undefined, password: string): Promise<boolean>
  /** Whether a hash was made otherwise than `hash` makes them now. */
  isOutdated(passwordHash: string): boolean
}

/**
 * `algorithm: 2` is argon2id (the package's enum cannot be imported without a build). OWASP's first choice of parameters
 * for argon2id: 19 MiB, two passes, one lane.
 * @see https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
const PARAMETERS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/**
 * Of other systems, whose users are imported. bcrypt takes 72 bytes and no more: what follows them counts again once the hash
 * is replaced, at the first sign-in.
 */
export const BCRYPT = /^\$2[aby]\$(0[4-9]|1[0-3])\$[./A-Za-z0-9]{53}$/

/** At once: libuv's pool has four threads, and files and names must not wait behind passwords. */
const MAX_RUNNING = 3
/** Waiting: about a second of work, so that who is let in is answered soon. */
const MAX_WAITING = 64

export async function openPasswords(): Promise<Passwords> {
  const inTurn = createJobQueue(
    MAX_RUNNING,
    MAX_WAITING,
    () => new AppError('too-many-requests', 'Too many people sign in at once; try again.', { retryAfter: 2 }),
  )
  // One password has one form, however a keyboard composes its letters.
  const hashed = (password: string): Promise<string> => inTurn(() => hash(password.normalize('NFC'), PARAMETERS))
  // Made now: made by the first request that needs it, it would take that one twice as long and tell why.
  const decoy = await hashed('no account has this password')
  // `$argon2id$v=19$m=19456,t=2,p=1$`, before the salt.
  const current = decoy.slice(0, decoy.split('$', 4).join('$').length + 1)
  return {
    hash: hashed,
    isOutdated: (passwordHash) => !passwordHash.startsWith(current),
    async verify(passwordHash, password) {
      const text = password.normalize('NFC')
      const matches = await inTurn(() =>
        passwordHash !== undefined && BCRYPT.test(passwordHash)
          ? compare(text, passwordHash)
          : verify(passwordHash ?? decoy, text),
      )
      return matches && passwordHash !== undefined
    },
  }
}
