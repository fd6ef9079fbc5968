import { hash, verify } from '@node-rs/argon2'

/**
 * `algorithm: 2` is argon2id (the package's enum cannot be imported without a build). OWASP's first choice of parameters for argon2id: 19 MiB, two passes, one lane.
 * @see https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
const PARAMETERS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

export function hashPassword(password: string): Promise<string> {
  // One password has one form, however a keyboard composes its letters.
  return hash(password.normalize('NFC'), PARAMETERS)
}

let decoy: Promise<string> | undefined

/** @param passwordHash undefined where there is no such account: the answer then takes as long, and is no */
export async function verifyPassword(passwordHash: string | undefined, password: string): Promise<boolean> {
  decoy ??= hashPassword('no account has this password')
  const matches = await verify(passwordHash ?? (await decoy), password.normalize('NFC'))
  return matches && passwordHash !== undefined
}
