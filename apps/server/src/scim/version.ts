import { AppError } from '../errors/app-error.ts'
import type { Precondition } from '../precondition.ts'

/** Of a resource: weak, since the same state may be written in several ways. */
export const versionOf = (updatedAt: Date): string => `W/"${updatedAt.getTime()}"`

/** Of an `If-Match` header; without one there is no precondition. @see RFC 7644 section 3.14 */
export function versionRequired(ifMatch: string | undefined): Precondition {
  if (ifMatch === undefined || ifMatch.trim() === '*') return () => undefined
  const versions = new Set(ifMatch.split(',').map((each) => each.trim()))
  return (updatedAt) => {
    if (!versions.has(versionOf(updatedAt))) throw new AppError('precondition-failed')
  }
}

/** Whether an `If-None-Match` header names what is there. */
export function isKnownVersion(ifNoneMatch: string | undefined, updatedAt: Date): boolean {
  return ifNoneMatch !== undefined && ifNoneMatch.split(',').some((each) => each.trim() === versionOf(updatedAt))
}
