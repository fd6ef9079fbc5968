/** Who of an issuer's people may enter. An absent rule asks for nothing; every rule that there is must be met. */
export interface EntryRules {
  /** Domains of the e-mail address, which the issuer must say is verified: `example.com`, without those below it. */
  readonly emailDomains?: readonly string[] | undefined
  /** The issuer must say that the e-mail address is verified. */
  readonly emailVerified?: boolean | undefined
  /** Groups of the token: one of them is enough. */
  readonly groups?: readonly string[] | undefined
}

export type EntryRefusal = 'email-not-verified' | 'other-email-domain' | 'not-in-group'

/** @returns undefined for somebody who may enter */
export function entryRefusal(
  rules: EntryRules | undefined,
  person: { readonly email: string | null; readonly emailVerified: boolean | null; readonly groups: readonly string[] },
): EntryRefusal | undefined {
  if (rules === undefined) return undefined
  const { emailDomains, groups } = rules
  const isVerified = person.email !== null && person.emailVerified === true
  // An address that nobody vouches for is in any domain that its bearer likes.
  if ((rules.emailVerified === true || emailDomains !== undefined) && !isVerified) return 'email-not-verified'
  if (emailDomains !== undefined) {
    const domain = person.email!.slice(person.email!.lastIndexOf('@') + 1).toLowerCase()
    if (!emailDomains.some((each) => each.toLowerCase() === domain)) return 'other-email-domain'
  }
  if (groups !== undefined && !groups.some((each) => person.groups.includes(each))) return 'not-in-group'
  return undefined
}
