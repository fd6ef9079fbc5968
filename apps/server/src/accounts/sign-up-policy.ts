import { AppError } from '../errors/app-error.ts'
import { domainOf, type MailAddress, parseMailAddress } from '../mail/mail-address.ts'

export type SignUpMode = 'open' | 'invitation' | 'closed'

export interface SignUpPolicy {
  readonly mode: SignUpMode
  /** Whose addresses may sign up; empty: any. */
  readonly domains: readonly string[]
}

export function requireSignUp({ mode }: SignUpPolicy): void {
  if (mode === 'closed') throw new AppError('forbidden', 'Sign-up is closed. Ask an administrator for an invitation.')
}

/** @throws AppError `invalid-request` for what no mail reaches, or a domain that may not sign up */
export function requireAddress(email: string, { domains }: SignUpPolicy): MailAddress {
  const address = parseMailAddress(email)
  const problem =
    address === undefined
      ? 'is no e-mail address'
      : domains.length > 0 && !domains.includes(domainOf(address))
        ? `must be an address at ${domains.join(' or ')}`
        : undefined
  if (problem === undefined) return address!
  throw new AppError('invalid-request', undefined, { errors: [{ path: '/email', message: problem }] })
}
