import { type Condition, parseConditions } from './condition.ts'
import { isConditionKey } from './condition-keys.ts'
import { matchResolved, type Pattern, parsePattern, resolvePattern } from './pattern.ts'
import type { PatternList, Policy, PolicyPrincipal, Statement } from './policy.ts'
import { S3_ACTIONS } from './s3-actions.ts'

/** What kind of policy: that of a bucket, which has principals, or that of a session, which is about its holder. */
export type PolicyKind = { readonly kind: 'bucket'; readonly bucket: string } | { readonly kind: 'session' }

export type ParsedPolicy =
  | { readonly outcome: 'parsed'; readonly policy: Policy }
  /** A sentence for whoever wrote it. */
  | { readonly outcome: 'malformed'; readonly message: string }

class Malformed extends Error {}

function fail(message: string): never {
  throw new Malformed(message)
}

const VERSIONS = new Set(['2008-10-17', '2012-10-17'])
const POLICY_ELEMENTS = new Set(['Version', 'Id', 'Statement'])
const STATEMENT_ELEMENTS = new Set(
  'Sid Effect Principal NotPrincipal Action NotAction Resource NotResource Condition'.split(' '),
)
const ACTION = /^(?:\*|[a-z0-9-]+:[a-z0-9*?]+)$/i

type JsonObject = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A text or a list of texts. */
function texts(value: unknown, element: string): readonly string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value]
  if (list.length === 0 || !list.every((each) => typeof each === 'string')) {
    return fail(`${element} has to be a text or a list of texts`)
  }
  return list
}

/** The one of two elements that is there. */
function eitherOf(statement: JsonObject, name: string): { not: boolean; values: readonly string[] } {
  const not = `Not${name}` in statement
  if (not && name in statement) fail(`Statement has both ${name} and Not${name}`)
  const element = not ? `Not${name}` : name
  if (!(element in statement)) fail(`Missing required field ${name}`)
  const values = texts(statement[element], element)
  if (values.includes('')) fail(`Policy has invalid ${name.toLowerCase()}`)
  return { not, values }
}

function pattern(source: string, variables: boolean, what: string): Pattern {
  return parsePattern(source, { wildcards: true, variables }) ?? fail(`Policy has invalid ${what}`)
}

function parseActions(statement: JsonObject, kind: PolicyKind): PatternList {
  const { not, values } = eitherOf(statement, 'Action')
  const patterns = values.map((value) => {
    if (!ACTION.test(value)) return fail('Policy has invalid action')
    const parsed = pattern(value.toLowerCase(), false, 'action')
    if (kind.kind === 'bucket' && value !== '*') {
      const resolved = resolvePattern(parsed, () => undefined) ?? []
      if (!S3_ACTIONS.keys().some((name) => matchResolved(resolved, name))) fail('Policy has invalid action')
    }
    return parsed
  })
  return { not, patterns }
}

const S3_ARN = /^arn:aws(?:-[a-z-]+)?:s3:::/

function parseResources(statement: JsonObject, kind: PolicyKind, variables: boolean): PatternList {
  const { not, values } = eitherOf(statement, 'Resource')
  const patterns = values.map((value) => {
    const parsed = pattern(value, variables, 'resource')
    if (kind.kind === 'session') {
      if (value !== '*' && !/^arn:|^\*|^\?/.test(value)) fail('Resource must be in ARN format or "*".')
      return parsed
    }
    if (value === '*') return parsed
    if (!S3_ARN.test(value)) return fail('Policy has invalid resource')
    const ofBucket = value.replace(S3_ARN, '').split('/', 1)[0] ?? ''
    const name = resolvePattern(pattern(ofBucket, variables, 'resource'), () => undefined)
    // What is about another bucket would never hold here.
    if (name === undefined || !matchResolved(name, kind.bucket)) return fail('Policy has invalid resource')
    return parsed
  })
  return { not, patterns }
}

/** A policy that names an action which can't be done to any of its resources was meant to say something else. */
function checkReach({ action, resource }: Statement): void {
  if (action.not || resource.not) return
  const none = (): undefined => undefined
  const kinds = new Set(
    resource.patterns.flatMap(({ source }): ('object' | 'bucket')[] => {
      const place = source.replace(S3_ARN, '')
      if (place.includes('/')) return ['object']
      return place.includes('*') ? ['object', 'bucket'] : ['bucket']
    }),
  )
  for (const each of action.patterns) {
    const resolved = resolvePattern(each, none) ?? []
    const meant = S3_ACTIONS.entries().filter(([name]) => matchResolved(resolved, name))
    if (!meant.some(([, kind]) => kinds.has(kind))) fail('Action does not apply to any resource(s) in statement')
  }
}

const AWS_ID = /^(?:\*|\d{12}|arn:aws(?:-[a-z-]+)?:(?:iam|sts)::\d{12}:[^*?]+|A[A-Z0-9]{15,})$/

function parsePrincipals(statement: JsonObject): readonly PolicyPrincipal[] {
  if ('NotPrincipal' in statement)
    fail('NotPrincipal is not supported; deny with a condition on aws:PrincipalArn instead')
  const { Principal: given } = statement
  if (given === '*') return [{ kind: 'everyone' }]
  if (!isObject(given) || Object.keys(given).length === 0) return fail('Invalid principal in policy')
  return Object.entries(given).flatMap(([type, value]) =>
    texts(value, 'Principal').map((id): PolicyPrincipal => {
      switch (type) {
        case 'AWS':
          if (!AWS_ID.test(id)) return fail('Invalid principal in policy')
          return id === '*' ? { kind: 'everyone' } : { kind: 'aws', id }
        case 'CanonicalUser':
          return { kind: 'canonical-user', id }
        case 'Federated':
          return id === '*' ? fail('Invalid principal in policy') : { kind: 'federated', id }
        case 'Service':
          return id === '*' ? fail('Invalid principal in policy') : { kind: 'other', id }
        default:
          return fail('Invalid principal in policy')
      }
    }),
  )
}

function parseCondition(block: unknown, kind: PolicyKind, variables: boolean): readonly Condition[] {
  const conditions = parseConditions(block, variables)
  if (typeof conditions === 'string') return fail(conditions)
  for (const { key } of conditions) {
    // Keys of other services say nothing of S3: in a session's policy they belong to statements about those.
    const isForeign = kind.kind === 'session' && !/^(?:aws|s3):/i.test(key) && key.includes(':')
    if (!isForeign && !isConditionKey(key)) fail(`Policy has an invalid condition key: ${key}`)
  }
  return conditions
}

function parseStatement(given: unknown, kind: PolicyKind, variables: boolean): Statement {
  if (!isObject(given)) return fail('Statement is not an object')
  for (const name of Object.keys(given)) if (!STATEMENT_ELEMENTS.has(name)) fail(`Unknown field ${name}`)
  const { Effect: effect, Sid: sid, Condition: block } = given
  if (effect !== 'Allow' && effect !== 'Deny') return fail(`Invalid effect: ${String(effect)}`)
  if (sid !== undefined && typeof sid !== 'string') fail('Sid is not a text')
  if (kind.kind === 'session' && ('Principal' in given || 'NotPrincipal' in given)) {
    fail('Policy document should not specify a principal.')
  }
  if (kind.kind === 'bucket' && !('Principal' in given || 'NotPrincipal' in given))
    fail('Missing required field Principal')
  const statement: Statement = {
    effect,
    principals: kind.kind === 'session' ? undefined : parsePrincipals(given),
    action: parseActions(given, kind),
    resource: parseResources(given, kind, variables),
    conditions: block === undefined ? [] : parseCondition(block, kind, variables),
  }
  if (kind.kind === 'bucket') checkReach(statement)
  return statement
}

function parseDocument(text: string, kind: PolicyKind): Policy {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    return fail('This policy contains invalid Json')
  }
  if (!isObject(document)) return fail("Policies must be valid JSON and the first byte must be '{'")
  for (const name of Object.keys(document)) if (!POLICY_ELEMENTS.has(name)) fail(`Unknown field ${name}`)
  const { Version: version = '2008-10-17', Id: id, Statement: given } = document
  if (typeof version !== 'string' || !VERSIONS.has(version)) fail('The policy must contain a valid version string')
  if (id !== undefined && typeof id !== 'string') fail('Id is not a text')
  const statements: unknown[] = Array.isArray(given) ? given : [given]
  if (given === undefined || statements.length === 0) fail('Missing required field Statement')
  return { statements: statements.map((each) => parseStatement(each, kind, version === '2012-10-17')) }
}

/**
 * Reads a policy document whole or not at all: whatever is unknown in it is refused, since a statement that is passed
 * over may be the Deny that somebody relies on.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export function parsePolicy(text: string, kind: PolicyKind): ParsedPolicy {
  try {
    return { outcome: 'parsed', policy: parseDocument(text, kind) }
  } catch (error) {
    if (error instanceof Malformed) return { outcome: 'malformed', message: error.message }
    throw error
  }
}
