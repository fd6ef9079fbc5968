import { tableRows, testsIn } from './table-rows.ts'

/** What a template is said to hold: every resource of the type, in whatever stack, has the property, with the value if one is named. */
export interface ResourceClaim {
  /** As CloudFormation names it: `AWS::RDS::DBInstance`. */
  readonly type: string
  /** Path of the property, with dots. */
  readonly property: string
  readonly value: string | undefined
}

export interface ComplianceRow {
  /** What it answers: `164.312(b)`, or a point of the list. */
  readonly safeguard: string
  readonly tests: readonly string[]
  readonly resources: readonly ResourceClaim[]
}

const CLAIM = /`(?<type>AWS::\w+::\w+) (?<property>[\w.]+)(=(?<value>[^`]+))?`/g

/** The rows of docs/compliance.md: safeguard, what SkyCrate does, its proof, and what is left to the operator. */
export function complianceRows(markdown: string): ComplianceRow[] {
  return tableRows(markdown).map(([safeguard = '', , proof = '']) => ({
    safeguard,
    tests: testsIn(proof),
    resources: [...proof.matchAll(CLAIM)].map(({ groups }) => ({
      type: groups!['type']!,
      property: groups!['property']!,
      value: groups!['value'],
    })),
  }))
}

type Template = Readonly<Record<string, { readonly Type: string; readonly Properties?: object }>>

/** @returns undefined where the templates hold what is said, else what is wrong */
export function mistakeOf(
  { type, property, value }: ResourceClaim,
  templates: readonly Template[],
): string | undefined {
  const found = templates
    .flatMap((template) => Object.entries(template))
    // An instance of a cluster has what its cluster has.
    .filter(([, { Type, Properties }]) => Type === type && !Object.hasOwn(Properties ?? {}, 'DBClusterIdentifier'))
  if (found.length === 0) return `no template has a ${type}`
  for (const [id, { Properties }] of found) {
    const held = property
      .split('.')
      .reduce<unknown>((part, name) => (part as Record<string, unknown> | undefined)?.[name], Properties)
    if (held === undefined) return `${id} (${type}) has no ${property}`
    if (value !== undefined && JSON.stringify(held) !== value && held !== value) {
      return `${id} (${type}) has ${property}=${JSON.stringify(held)}, and not ${value}`
    }
  }
  return undefined
}
