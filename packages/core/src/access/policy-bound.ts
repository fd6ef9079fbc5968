import { parsePolicy } from './iam/parse-policy.ts'
import { matchResolved, parsePattern, type Resolved, resolvePattern } from './iam/pattern.ts'

/** A text, or with `open` everything that begins with it. */
export interface Place {
  readonly text: string
  readonly open: boolean
}

interface BoundStatement {
  readonly allows: (action: string) => boolean
  readonly resources: readonly Place[]
  /** Of a condition on `s3:prefix`; undefined without one. */
  readonly prefixes: readonly Place[] | undefined
}

/** A policy that somebody holds their own session to: what it allows, each part as a text that names or begins places. */
export interface PolicyBound {
  readonly statements: readonly BoundStatement[]
}

export type ParsedBound =
  | { readonly outcome: 'parsed'; readonly bound: PolicyBound }
  /** `unsupported`: it is well formed, but cannot be joined with another policy into one that is never wider. */
  | { readonly outcome: 'malformed' | 'unsupported'; readonly message: string }

class Unsupported extends Error {}

interface RawStatement {
  readonly Effect: string
  readonly Action?: string | readonly string[]
  readonly Resource?: string | readonly string[]
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}

const list = (value: string | readonly string[]): readonly string[] => (typeof value === 'string' ? [value] : value)

function placeOf(source: string, variables: boolean, what: string): Place {
  const tokens = parsePattern(source, { wildcards: true, variables })?.tokens ?? []
  const [first, second, third] = tokens
  const text = first?.kind === 'text' ? first.text : ''
  const rest = first?.kind === 'text' ? second : first
  const isLast = first?.kind === 'text' ? third === undefined : second === undefined
  if (rest === undefined) return { text, open: false }
  if (rest.kind === 'any-run' && isLast) return { text, open: true }
  throw new Unsupported(`${what} may have one * at its end, and no other wildcard or variable.`)
}

function prefixesOf({ Condition }: RawStatement, variables: boolean): readonly Place[] | undefined {
  if (Condition === undefined || Object.keys(Condition).length === 0) return undefined
  const [[operator, keys] = ['', {}], ...others] = Object.entries(Condition)
  const [[key, values] = ['', ''], ...otherKeys] = Object.entries(keys)
  const isKnown = others.length === 0 && otherKeys.length === 0 && key.toLowerCase() === 's3:prefix'
  if (!isKnown || (operator !== 'StringLike' && operator !== 'StringEquals')) {
    throw new Unsupported('Condition may have StringLike or StringEquals on s3:prefix alone.')
  }
  const places = list(values).map((value) => placeOf(value, variables, 's3:prefix'))
  // There a wildcard is a character like any other, which no place can say.
  if (operator === 'StringEquals' && list(values).some((value) => /[*?]/.test(value))) {
    throw new Unsupported('s3:prefix of StringEquals may have no wildcard.')
  }
  return places
}

function readStatement(raw: RawStatement, variables: boolean): BoundStatement {
  if (raw.Effect !== 'Allow') throw new Unsupported('Statements may only allow.')
  if (raw.Action === undefined || raw.Resource === undefined) {
    throw new Unsupported('Statements must have Action and Resource.')
  }
  const patterns = list(raw.Action).map((source): Resolved => {
    const pattern = parsePattern(source.toLowerCase(), { wildcards: true, variables: false })
    return (pattern && resolvePattern(pattern, () => undefined)) ?? []
  })
  return {
    allows: (action) => patterns.some((pattern) => matchResolved(pattern, action.toLowerCase())),
    resources: list(raw.Resource).map((source) => placeOf(source, variables, 'Resource')),
    prefixes: prefixesOf(raw, variables),
  }
}

/**
 * Reads a session policy that statements of Allow make up, over places that a text names or begins. Others are refused:
 * two policies have to become one here, since a session takes one alone.
 */
export function parsePolicyBound(text: string): ParsedBound {
  const parsed = parsePolicy(text, { kind: 'session' })
  if (parsed.outcome === 'malformed') return parsed
  const { Version, Statement } = JSON.parse(text) as { Version?: string; Statement: RawStatement | RawStatement[] }
  try {
    const statements = [Statement].flat().map((raw) => readStatement(raw, Version === '2012-10-17'))
    return { outcome: 'parsed', bound: { statements } }
  } catch (error) {
    if (error instanceof Unsupported) return { outcome: 'unsupported', message: error.message }
    throw error
  }
}

/** What lies in both; undefined where nothing does. */
export function meet(one: Place, other: Place): Place | undefined {
  const [short, long] = one.text.length <= other.text.length ? [one, other] : [other, one]
  if (one.text === other.text) return { text: one.text, open: one.open && other.open }
  return short.open && long.text.startsWith(short.text) ? long : undefined
}

/** The bound of one object, or of all keys that begin with a text. */
export function boundOfKeys(bucket: string, keys: Place, partition = 'aws'): PolicyBound {
  const arn = `arn:${partition}:s3:::${bucket}`
  const isList = (action: string): boolean => action === 's3:ListBucket'
  return {
    statements: [
      {
        allows: (action) => !isList(action),
        resources: [{ ...keys, text: `${arn}/${keys.text}` }],
        prefixes: undefined,
      },
      { allows: isList, resources: [{ text: arn, open: false }], prefixes: [keys] },
    ],
  }
}
