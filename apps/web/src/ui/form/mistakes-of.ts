/**
 * The mistakes that a problem tells of, by field.
 *
 * @param errors each with the JSON pointer of its place in the request's body
 * @param paths the pointer of each field; what lies below it belongs to the field as well
 */
export function mistakesOf(
  errors: readonly { readonly path: string; readonly message: string }[],
  paths: ReadonlyMap<string, string>,
): Map<string, string> {
  const mistakes = new Map<string, string>()
  for (const [name, own] of paths) {
    const messages = errors
      .filter(({ path }) => path === own || path.startsWith(`${own}/`))
      .map(({ message }) => message)
    if (messages.length > 0) mistakes.set(name, `${asSentence([...new Set(messages)].join(', '))}`)
  }
  return mistakes
}

/** `must be …` stands alone at its field: `Must be ….` */
function asSentence(text: string): string {
  const upper = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(upper) ? upper : `${upper}.`
}
