import { CONDITION_OPERATORS, type ConditionOperator } from './condition-operator.ts'
import { type Pattern, parsePattern, resolvePattern, type VariableValue } from './pattern.ts'

/** The values of a key in a request, by the key as `contextKey` has it; undefined when the request doesn't have it. */
export type ConditionContext = (key: string) => readonly string[] | undefined

/** Names of keys have no case, but what follows a slash is a tag's name, which has. */
export function contextKey(key: string): string {
  const slash = key.indexOf('/')
  return slash === -1 ? key.toLowerCase() : key.slice(0, slash).toLowerCase() + key.slice(slash)
}

/** One operator on one key; all conditions of a statement must hold. */
export interface Condition {
  /** As the policy writes it, modifiers included. */
  readonly operatorName: string
  /** In lower case; undefined for `Null`. */
  readonly baseName: string
  readonly operator: ConditionOperator | 'null'
  readonly quantifier: 'any' | 'all' | undefined
  readonly ifExists: boolean
  /** As the policy writes it. */
  readonly key: string
  readonly values: readonly Pattern[]
}

const QUANTIFIED = /^(?:for(any|all)values?:)?(.*?)(ifexists)?$/

type OperatorOf = Pick<Condition, 'operator' | 'baseName' | 'quantifier' | 'ifExists'>

function parseOperator(name: string): OperatorOf | undefined {
  const [, quantifier, baseName = '', suffix] = QUANTIFIED.exec(name.toLowerCase()) ?? []
  const operator = baseName === 'null' ? 'null' : CONDITION_OPERATORS.get(baseName)
  const ifExists = suffix !== undefined
  if (operator === undefined || (operator === 'null' && (ifExists || quantifier !== undefined))) return undefined
  return {
    operator,
    baseName,
    quantifier: quantifier === 'any' || quantifier === 'all' ? quantifier : undefined,
    ifExists,
  }
}

const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

/** @returns the conditions, or a sentence that says what is wrong */
export function parseConditions(block: unknown, variables: boolean): readonly Condition[] | string {
  if (typeof block !== 'object' || block === null || Array.isArray(block)) return 'Condition is not an object'
  const conditions: Condition[] = []
  for (const [operatorName, keys] of Object.entries(block as Record<string, unknown>)) {
    const parsed = parseOperator(operatorName)
    if (parsed === undefined) return `Invalid Condition type : ${operatorName}`
    if (typeof keys !== 'object' || keys === null || Array.isArray(keys)) return `${operatorName} is not an object`
    for (const [key, given] of Object.entries(keys as Record<string, unknown>)) {
      const texts: unknown[] = Array.isArray(given) ? given : [given]
      if (texts.length === 0 || !texts.every(isScalar)) return `${operatorName} of ${key} has no proper values`
      const { operator } = parsed
      const values: Pattern[] = []
      for (const value of texts.map(String)) {
        const pattern = parsePattern(value, { wildcards: operator !== 'null' && operator.wildcards, variables })
        const isPlain = pattern?.tokens.every(({ kind }) => kind !== 'variable') === true
        const isValid = operator === 'null' ? /^(?:true|false)$/i.test(value) : !isPlain || operator.isValid(value)
        if (pattern === undefined || !isValid) return `Invalid value ${value} for ${operatorName} of ${key}`
        values.push(pattern)
      }
      conditions.push({ operatorName, ...parsed, key, values })
    }
  }
  return conditions
}

/**
 * Whether a condition holds. A key that the request lacks meets a negated operator and an `…IfExists` one, and no other.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
 */
export function holds(condition: Condition, context: ConditionContext, variable: VariableValue): boolean {
  const { operator, quantifier, ifExists, values } = condition
  const given = context(contextKey(condition.key))
  if (operator === 'null') {
    const isMissing = given === undefined
    return values.some(({ source }) => (source.toLowerCase() === 'true') === isMissing)
  }
  if (given === undefined || (quantifier !== undefined && given.length === 0)) {
    if (quantifier === 'all' || ifExists) return true
    return quantifier === undefined && operator.negated
  }
  const expected = values.map((value) => resolvePattern(value, variable)).filter((value) => value !== undefined)
  const matches = (value: string): boolean => expected.some((each) => operator.matches(each, value))
  const meets = (value: string): boolean => matches(value) !== operator.negated
  if (quantifier === 'all') return given.every(meets)
  if (quantifier === 'any') return given.some(meets)
  return operator.negated ? given.every(meets) : given.some(meets)
}
