import { PASSWORD_MIN_LENGTH } from '@skycrate/contract/users/schemas'
import { AppError } from '../errors/app-error.ts'
import { isCommonPassword } from './common-passwords.ts'

/** Why a text can't become somebody's password; undefined when it can. */
export function passwordProblem(password: string, about: readonly (string | null)[] = []): string | undefined {
  if (!password.isWellFormed()) return 'is not valid Unicode'
  // One password has one form, and its length is that of the form.
  const text = password.normalize('NFC')
  if (Array.from(text).length < PASSWORD_MIN_LENGTH) return `must have at least ${PASSWORD_MIN_LENGTH} characters`
  if (isCommonPassword(text, about)) return 'is one that attackers try first; choose another'
  return undefined
}

/**
 * @param path of the password in the request
 * @param about what is known of the person, such as the e-mail address: a password must be more than that
 * @throws AppError `invalid-request`
 * @see NIST SP 800-63B-4 section 3.1.1.2
 */
export function checkNewPassword(password: string, path: string, about: readonly (string | null)[] = []): void {
  const message = passwordProblem(password, about)
  if (message !== undefined) throw new AppError('invalid-request', undefined, { errors: [{ path, message }] })
}

/**
 * A password that somebody signs in with need not be a good one, but it must be one.
 * @throws AppError `invalid-request` for ill-formed Unicode, of which several texts would count as the same password
 */
export function requireWellFormed(password: string, path: string): void {
  if (password.isWellFormed()) return
  throw new AppError('invalid-request', undefined, { errors: [{ path, message: 'is not valid Unicode' }] })
}
