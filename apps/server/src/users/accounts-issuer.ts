/** The issuer of built-in accounts' identities; the subject is the user's id. */
export const ACCOUNTS_ISSUER = 'urn:skycrate:accounts'
