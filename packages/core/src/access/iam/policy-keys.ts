import type { Condition } from './condition.ts'
import { contextKey } from './condition.ts'
import type { Pattern } from './pattern.ts'
import type { Policy } from './policy.ts'

const variablesOf = (patterns: readonly Pattern[]): string[] =>
  patterns.flatMap(({ tokens }) => tokens.flatMap((token) => (token.kind === 'variable' ? [token.key] : [])))

/** The keys that conditions turn on, and those of their variables, as `contextKey` has them. */
export function keysOfConditions(conditions: readonly Condition[]): ReadonlySet<string> {
  return new Set(conditions.flatMap(({ key, values }) => [key, ...variablesOf(values)]).map(contextKey))
}

/** Every key that a policy may ask a request for, in a condition or a variable, as `contextKey` has it. */
export function keysOfPolicy({ statements }: Policy): ReadonlySet<string> {
  return new Set(
    statements.flatMap(({ resource, conditions }) => [
      ...variablesOf(resource.patterns).map(contextKey),
      ...keysOfConditions(conditions),
    ]),
  )
}
