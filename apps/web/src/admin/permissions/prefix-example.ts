const EXAMPLE_ID = 'usr_01kaj7x2v9c4t0m8q3n5p6r7s8'
const EXAMPLE_EMAIL = 'ada@example.com'

/**
 * What a folder means, told while it is typed.
 *
 * @param email of the person whom the permission is for, where it is known
 */
export function prefixExample(prefix: string, email: string = EXAMPLE_EMAIL): string {
  if (prefix === '') return 'Empty: the whole bucket. ${user.id} and ${user.email} stand for each user’s own.'
  if (!prefix.includes('${')) return prefix.endsWith('/') ? `Everything in ${prefix}` : "A folder ends in '/'."
  const example = prefix.replaceAll('${user.id}', EXAMPLE_ID).replaceAll('${user.email}', email.toLowerCase())
  if (example.includes('${')) return 'The only variables are ${user.id} and ${user.email}.'
  const isByMail = prefix.includes('${user.email}')
  return `For ${isByMail ? email : 'one user'}: ${example}${isByMail ? ' (only with a verified e-mail address)' : ''}`
}
