/** What a policy variable stands for in a request; undefined when the request has no such key, or several values. */
export type VariableValue = (key: string) => string | undefined

type Token =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'any-run' }
  | { readonly kind: 'any-one' }
  | { readonly kind: 'variable'; readonly key: string; readonly fallback: string | undefined }

/** A policy's text with its wildcards and variables taken apart. */
export interface Pattern {
  readonly source: string
  readonly tokens: readonly Token[]
}

export interface PatternSyntax {
  /** Whether `*` and `?` are wildcards. */
  readonly wildcards: boolean
  /** Whether `${…}` is a variable: only in policies of version 2012-10-17. */
  readonly variables: boolean
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['$', '$'],
  ['*', '*'],
  ['?', '?'],
])
/** `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, `${accounts.google.com:sub}`, and the escapes. */
const VARIABLE = /^\$\{(?:([$*?])|([A-Za-z0-9-][^\s,'{}:]*:[^\s,'{}]+)(?:\s*,\s*'([^']*)')?)\}/

/**
 * @returns undefined for a `${` that begins no variable
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function parsePattern(source: string, { wildcards, variables }: PatternSyntax): Pattern | undefined {
  const tokens: Token[] = []
  let text = ''
  const flush = (): void => {
    if (text !== '') tokens.push({ kind: 'text', text })
    text = ''
  }
  for (let at = 0; at < source.length; at++) {
    const char = source.charAt(at)
    if (variables && char === '$' && source.charAt(at + 1) === '{') {
      const [whole, escape, key, fallback] = VARIABLE.exec(source.slice(at)) ?? []
      if (whole === undefined) return undefined
      if (escape === undefined) {
        flush()
        tokens.push({ kind: 'variable', key: key ?? '', fallback })
      } else {
        text += ESCAPES.get(escape) ?? ''
      }
      at += whole.length - 1
    } else if (wildcards && char === '*') {
      flush()
      if (tokens.at(-1)?.kind !== 'any-run') tokens.push({ kind: 'any-run' })
    } else if (wildcards && char === '?') {
      flush()
      tokens.push({ kind: 'any-one' })
    } else {
      text += char
    }
  }
  flush()
  return { source, tokens }
}

/** A pattern whose variables have their values; those are plain text, whatever characters they hold. */
export type Resolved = readonly (string | typeof ANY_RUN | typeof ANY_ONE)[]

const ANY_RUN = Symbol('*')
const ANY_ONE = Symbol('?')

/** @returns undefined when a variable has no value: such a pattern matches nothing */
export function resolvePattern(pattern: Pattern, value: VariableValue): Resolved | undefined {
  const resolved: (string | typeof ANY_RUN | typeof ANY_ONE)[] = []
  for (const token of pattern.tokens) {
    switch (token.kind) {
      case 'text':
        resolved.push(token.text)
        break
      case 'any-run':
        resolved.push(ANY_RUN)
        break
      case 'any-one':
        resolved.push(ANY_ONE)
        break
      case 'variable': {
        const found = value(token.key) ?? token.fallback
        if (found === undefined) return undefined
        resolved.push(found)
      }
    }
  }
  return resolved
}

function stepAt(text: string, at: number): number {
  const code = text.codePointAt(at)
  return code === undefined ? 0 : code > 0xffff ? 2 : 1
}

/**
 * Whether a whole text matches; `?` is one character, `*` any number of them. Takes at most the product of both lengths,
 * however many wildcards there are.
 */
export function matchResolved(resolved: Resolved, text: string): boolean {
  let part = 0
  let at = 0
  let runPart = -1
  let runAt = 0
  for (;;) {
    const expected = resolved[part]
    if (expected === ANY_RUN) {
      if (part === resolved.length - 1) return true
      runPart = part++
      runAt = at
      continue
    }
    if (expected === undefined) {
      if (at === text.length) return true
    } else if (expected === ANY_ONE) {
      const step = stepAt(text, at)
      if (step > 0) {
        part++
        at += step
        continue
      }
    } else if (text.startsWith(expected, at)) {
      part++
      at += expected.length
      continue
    }
    if (runPart === -1 || runAt >= text.length) return false
    runAt += stepAt(text, runAt)
    at = runAt
    part = runPart + 1
  }
}

/** The text that a pattern without wildcards stands for. */
export function plainText(resolved: Resolved): string | undefined {
  return resolved.every((part) => typeof part === 'string') ? resolved.join('') : undefined
}

/** Whether a pattern is one fixed text, with neither wildcard nor variable. */
export function isFixed(pattern: Pattern): boolean {
  return pattern.tokens.every(({ kind }) => kind === 'text')
}
