import { parsePrefix, type PrefixVerdict } from '../naming/prefix.ts'
import type { Caller } from './permission.ts'

/** The caller's id. */
export const USER_ID_VARIABLE = '${user.id}'
/** The caller's verified e-mail address, as `escapeEmail` writes it. */
export const USER_EMAIL_VARIABLE = '${user.email}'

const VARIABLES = [USER_ID_VARIABLE, USER_EMAIL_VARIABLE] as const
type Variable = (typeof VARIABLES)[number]

/** The values that make a pattern with variables cover a key. A variable that the pattern does not hold is absent. */
export interface Binding {
  readonly userId?: string
  /** As `escapeEmail` writes it. */
  readonly email?: string
}

/**
 * An e-mail address as part of a key. ASCII letters become lower case; `a-z 0-9 @ _ + -` and single dots between them
 * stay; every other byte of the UTF-8 form becomes `=` and two hexadecimal digits, `=` itself included. Two addresses that
 * differ in more than the case of ASCII letters therefore never share a folder, and no address holds `/`, `..` or `${`.
 * Only ASCII is folded: folding Unicode would turn U+212A (KELVIN SIGN) into `k`, which is somebody else.
 *
 * @returns undefined for text that is no address (no `@`, ill-formed Unicode)
 */
export function escapeEmail(email: string | null | undefined): string | undefined {
  if (email === null || email === undefined || !email.isWellFormed()) return undefined
  const at = email.lastIndexOf('@')
  if (at < 1 || at === email.length - 1) return undefined
  let escaped = ''
  for (const byte of new TextEncoder().encode(email)) {
    const char = String.fromCharCode(byte).toLowerCase()
    const isPlain = byte < 0x80 && (/[a-z0-9@_+-]/.test(char) || (char === '.' && /[a-z0-9@_+-]$/.test(escaped)))
    escaped += isPlain ? char : `=${byte.toString(16).padStart(2, '0')}`
  }
  // A dot at the end would meet whatever the pattern has next.
  return escaped.endsWith('.') ? `${escaped.slice(0, -1)}=2e` : escaped
}

/** The address (with ASCII letters in lower case) that `escapeEmail` writes as this text; undefined when none does. */
export function unescapeEmail(escaped: string): string | undefined {
  const bytes: number[] = []
  for (let i = 0; i < escaped.length; i++) {
    const isEscape = escaped[i] === '='
    bytes.push(isEscape ? Number.parseInt(escaped.slice(i + 1, i + 3), 16) : escaped.charCodeAt(i))
    if (isEscape) i += 2
  }
  const email = new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes))
  return escapeEmail(email) === escaped ? email : undefined
}

/** Whether a permission's prefix depends on who asks. */
export function hasVariable(pattern: string): boolean {
  return pattern.includes('${')
}

export type PatternVerdict =
  | PrefixVerdict
  | { readonly ok: false; readonly problem: 'unknown-variable'; readonly variable: string }

/** Checks the prefix of a permission before it is stored: a folder boundary, and no variable but the known ones. */
export function parsePattern(text: string): PatternVerdict {
  let expanded = text
  for (const variable of VARIABLES) expanded = expanded.replaceAll(variable, () => 'x@x')
  const unknown = /\$\{[^}/]*\}?/.exec(expanded)
  if (unknown) return { ok: false, problem: 'unknown-variable', variable: unknown[0] }
  return parsePrefix(expanded)
}

/** The prefix that a pattern is for this caller. Undefined when it then is none: such a permission grants nothing. */
export function expandPattern(pattern: string, caller: Caller): string | undefined {
  let expanded = pattern
  if (hasVariable(pattern)) {
    if ('guest' in caller) return undefined
    for (const variable of VARIABLES) {
      if (!expanded.includes(variable)) continue
      const value = valueOf(variable, caller)
      if (value === undefined || value === '') return undefined
      expanded = expanded.replaceAll(variable, () => value)
    }
    // Granting on the literal text of an unknown variable would surprise whoever wrote it.
    if (hasVariable(expanded)) return undefined
  }
  const verdict = parsePrefix(expanded)
  return verdict.ok ? verdict.prefix : undefined
}

function valueOf(variable: Variable, caller: Exclude<Caller, { guest: true }>): string | undefined {
  return variable === USER_ID_VARIABLE ? caller.userId : escapeEmail(caller.verifiedEmail)
}

/**
 * The other way round: every binding of the variables for which the pattern covers the key. Without variables that is
 * one empty binding, or none.
 */
export function bindingsOf(pattern: string, key: string): Binding[] {
  if (!hasVariable(pattern)) return key.startsWith(pattern) && parsePrefix(pattern).ok ? [{}] : []
  const found = new Map<string, Binding>()
  match(tokensOf(pattern), 0, key, 0, {}, (binding, end) => {
    const prefix = key.slice(0, end)
    if (!hasVariable(prefix) && parsePrefix(prefix).ok) found.set(`${binding.userId}\n${binding.email}`, binding)
  })
  return [...found.values()]
}

type Token = { readonly text: string } | { readonly variable: Variable }

function tokensOf(pattern: string): Token[] {
  return pattern
    .split(/(\$\{user\.id\}|\$\{user\.email\})/)
    .filter((part) => part !== '')
    .map((part) => (VARIABLES.includes(part as Variable) ? { variable: part as Variable } : { text: part }))
}

function match(
  tokens: readonly Token[],
  index: number,
  key: string,
  at: number,
  binding: Binding,
  onMatch: (binding: Binding, end: number) => void,
): void {
  const token = tokens[index]
  if (token === undefined) return onMatch(binding, at)
  if ('text' in token) {
    if (key.startsWith(token.text, at)) match(tokens, index + 1, key, at + token.text.length, binding, onMatch)
    return
  }
  const name = token.variable === USER_ID_VARIABLE ? 'userId' : 'email'
  const bound = binding[name]
  if (bound !== undefined) {
    if (key.startsWith(bound, at)) match(tokens, index + 1, key, at + bound.length, binding, onMatch)
    return
  }
  // A value holds no '/', so it ends within its segment.
  const slash = key.indexOf('/', at)
  const last = slash === -1 ? key.length : slash
  for (let end = at + 1; end <= last; end++) {
    const value = key.slice(at, end)
    if (name === 'email' && unescapeEmail(value) === undefined) continue
    match(tokens, index + 1, key, end, { ...binding, [name]: value }, onMatch)
  }
}
