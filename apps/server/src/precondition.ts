import { AppError } from './errors/app-error.ts'

/**
 * Checks that a row is still the version that a caller has read.
 * @throws AppError `precondition-failed`
 */
export type Precondition = (updatedAt: Date) => void

export const etagOf = (updatedAt: string): string => `"${updatedAt}"`

/**
 * The precondition of an `If-Match` header; without one there is none.
 * @see RFC 9110 section 13.1.1
 */
export function preconditionOf(ifMatch: string | undefined): Precondition {
  if (ifMatch === undefined || ifMatch.trim() === '*') return () => undefined
  // Strong comparison: a weak tag never matches. A version holds no comma.
  const tags = new Set(ifMatch.split(',').map((tag) => tag.trim()))
  return (updatedAt) => {
    if (tags.has(etagOf(updatedAt.toISOString()))) return
    throw new AppError(
      'precondition-failed',
      'Somebody else has changed it since you read it. Read it again, then retry.',
    )
  }
}
