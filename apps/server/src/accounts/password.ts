import { hash, verify } from '@node-rs/argon2'
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
}

/**
 * `algorithm: 2` is argon2id (the package's enum cannot be imported without a build). OWASP's first choice of parameters
 * for argon2id: 19 MiB, two passes, one lane.
 * @see https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
const PARAMETERS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

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
  return {
    hash: hashed,
    async verify(passwordHash, password) {
      const matches = await inTurn(() => verify(passwordHash ?? decoy, password.normalize('NFC')))
      return matches && passwordHash !== undefined
    },
  }
}
