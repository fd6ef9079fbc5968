import { containsRange, parseIpRange } from './ip-range.ts'
import { matchResolved, plainText, type Resolved } from './pattern.ts'

/** How one value of a policy is compared with one value of a request. */
export interface ConditionOperator {
  readonly wildcards: boolean
  /** `…Not…`: holds when no value of the policy matches. */
  readonly negated: boolean
  /** What a value of the policy has to look like, when it holds no variable. */
  readonly isValid: (value: string) => boolean
  readonly matches: (expected: Resolved, given: string) => boolean
}

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/
const ISO_DATE = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

function parseNumber(text: string): number {
  return NUMBER.test(text) ? Number(text) : Number.NaN
}

/** Milliseconds since the epoch, of an ISO 8601 date or of epoch seconds; NaN for others. */
function parseDate(text: string): number {
  if (NUMBER.test(text)) return Number(text) * 1000
  if (!ISO_DATE.test(text)) return Number.NaN
  const hasZone = /(?:Z|[+-]\d{2}:?\d{2})$/.test(text.slice(10))
  return Date.parse(text.length > 10 && !hasZone ? `${text}Z` : text)
}

function compared(
  parse: (text: string) => number,
  holds: (given: number, expected: number) => boolean,
  negated = false,
): ConditionOperator {
  return {
    wildcards: false,
    negated,
    isValid: (value) => !Number.isNaN(parse(value)),
    // A comparison with NaN is false, so what is no number is neither below nor above anything.
    matches: (expected, given) => holds(parse(given), parse(plainText(expected) ?? '')),
  }
}

function text(same: (expected: string, given: string) => boolean, negated = false): ConditionOperator {
  return {
    wildcards: false,
    negated,
    isValid: () => true,
    matches: (expected, given) => {
      const plain = plainText(expected)
      return plain !== undefined && same(plain, given)
    },
  }
}

const like = (negated = false): ConditionOperator => ({
  wildcards: true,
  negated,
  isValid: () => true,
  matches: matchResolved,
})

const exact = (expected: string, given: string): boolean => expected === given
const ignoringCase = (expected: string, given: string): boolean => expected.toLowerCase() === given.toLowerCase()

/** Each of the six parts of an ARN is matched by itself, so that no wildcard reaches over a colon (but in the last). */
function splitArn(resolved: Resolved): Resolved[] {
  const parts: Resolved[number][][] = [[]]
  for (const piece of resolved) {
    if (typeof piece !== 'string') {
      parts.at(-1)?.push(piece)
      continue
    }
    let rest = piece
    for (let colon = rest.indexOf(':'); colon !== -1 && parts.length < 6; colon = rest.indexOf(':')) {
      parts.at(-1)?.push(rest.slice(0, colon))
      parts.push([])
      rest = rest.slice(colon + 1)
    }
    parts.at(-1)?.push(rest)
  }
  return parts
}

const arn = (negated = false): ConditionOperator => ({
  wildcards: true,
  negated,
  isValid: (value) => value === '*' || /^(?:arn|\*|\?)/.test(value),
  matches: (expected, given) => {
    const asked = splitArn([given])
    const parts = splitArn(expected)
    if (parts.length === 1) return matchResolved(expected, given)
    return (
      parts.length === 6 &&
      asked.length === 6 &&
      parts.every((part, at) => {
        const value = asked[at]?.[0]
        return matchResolved(part, typeof value === 'string' ? value : '')
      })
    )
  },
})

const address = (negated = false): ConditionOperator => ({
  wildcards: false,
  negated,
  isValid: (value) => parseIpRange(value) !== undefined,
  matches: (expected, given) => {
    const outer = parseIpRange(plainText(expected) ?? '')
    const inner = parseIpRange(given)
    return outer !== undefined && inner !== undefined && containsRange(outer, inner)
  },
})

const isBoolean = (value: string): boolean => /^(?:true|false)$/i.test(value)

/**
 * Every operator but `Null`, by its name in lower case.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export const CONDITION_OPERATORS: ReadonlyMap<string, ConditionOperator> = new Map([
  ['stringequals', text(exact)],
  ['stringnotequals', text(exact, true)],
  ['stringequalsignorecase', text(ignoringCase)],
  ['stringnotequalsignorecase', text(ignoringCase, true)],
  ['stringlike', like()],
  ['stringnotlike', like(true)],
  ['numericequals', compared(parseNumber, (given, expected) => given === expected)],
  ['numericnotequals', compared(parseNumber, (given, expected) => given === expected, true)],
  ['numericlessthan', compared(parseNumber, (given, expected) => given < expected)],
  ['numericlessthanequals', compared(parseNumber, (given, expected) => given <= expected)],
  ['numericgreaterthan', compared(parseNumber, (given, expected) => given > expected)],
  ['numericgreaterthanequals', compared(parseNumber, (given, expected) => given >= expected)],
  ['dateequals', compared(parseDate, (given, expected) => given === expected)],
  ['datenotequals', compared(parseDate, (given, expected) => given === expected, true)],
  ['datelessthan', compared(parseDate, (given, expected) => given < expected)],
  ['datelessthanequals', compared(parseDate, (given, expected) => given <= expected)],
  ['dategreaterthan', compared(parseDate, (given, expected) => given > expected)],
  ['dategreaterthanequals', compared(parseDate, (given, expected) => given >= expected)],
  ['bool', { ...text(ignoringCase), isValid: isBoolean }],
  ['binaryequals', { ...text(exact), isValid: (value) => BASE64.test(value) }],
  ['ipaddress', address()],
  ['notipaddress', address(true)],
  ['arnequals', arn()],
  ['arnlike', arn()],
  ['arnnotequals', arn(true)],
  ['arnnotlike', arn(true)],
])
