import { PASSWORD_MIN_LENGTH, PASSWORD_MIN_LENGTH_WITH_FACTOR } from '@skycrate/contract/users/schemas'
import { AppError } from '../errors/app-error.ts'
import { isCommonPassword } from './common-passwords.ts'

/** Characters that a new password needs. @see NIST SP 800-63B-4 section 3.1.1.1 */
export const minimumLength = (hasSecondFactor: boolean): number =>
  hasSecondFactor ? PASSWORD_MIN_LENGTH_WITH_FACTOR : PASSWORD_MIN_LENGTH

/** Why a text can't become somebody's password; undefined when it can. */
export function passwordProblem(
  password: string,
  about: readonly (string | null)[] = [],
  hasSecondFactor = false,
): string | undefined {
  if (!password.isWellFormed()) return 'is not valid Unicode'
  // One password has one form, and its length is that of the form.
  const text = password.normalize('NFC')
  const minimum = minimumLength(hasSecondFactor)
  if (Array.from(text).length < minimum) return `must have at least ${minimum} characters`
  if (isCommonPassword(text, about)) return 'is one that attackers try first; choose another'
  return undefined
}

/**
 * @param path of the password in the request
 * @param about what is known of the person, such as the e-mail address: a password must be more than that
 * @param hasSecondFactor of the person: then it may be shorter
 * @throws AppError `invalid-request`
 * @see NIST SP 800-63B-4 section 3.1.1.2
 */
export function checkNewPassword(
  password: string,
  path: string,
  about: readonly (string | null)[] = [],
  hasSecondFactor = false,
): void {
  const message = passwordProblem(password, about, hasSecondFactor)
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
