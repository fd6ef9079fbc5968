/** Of what somebody proved at two times in one sign-in, as RFC 8176 names it. Two kinds are `mfa`. */
export function combineAmr(before: readonly string[], more: readonly string[]): string[] {
  const amr = new Set([...before, ...more])
  const isKnown = amr.has('pwd')
  const isHeld = amr.has('otp') || amr.has('hwk') || amr.has('swk')
  // A passkey that verified its user is two factors by itself.
  const isVerified = amr.has('user') && (amr.has('hwk') || amr.has('swk'))
  if ((isKnown && isHeld) || isVerified) amr.add('mfa')
  return [...amr].toSorted()
}

export const isMultiFactor = (amr: readonly string[]): boolean => amr.includes('mfa')
