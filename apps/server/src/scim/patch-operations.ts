import { isInherited, isObject, requireObject, valueOf } from './body.ts'
import { ENTERPRISE_SCHEMA, GROUP_SCHEMA, PATCH_SCHEMA, USER_ATTRIBUTES, USER_SCHEMA } from './schemas.ts'
import { ScimError } from './scim-error.ts'

/** One change of a PATCH request. */
export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace'
  /** Attribute names as the schemas spell them. */
  readonly path?: string
  readonly value?: unknown
}

const MAX_OPERATIONS = 1000
const MAX_PATH = 512

/** `attribute`, `attribute.part`, `attribute[filter]`, `attribute[filter].part`, each with the name of a schema before it or not. */
const PATH = /^(?:(urn:[\w.:-]+):)?([A-Za-z$][\w$-]*)(\[[^[\]]+\])?(?:\.([A-Za-z$][\w$-]*))?$/

/** By their names in lower case. */
const NAMES = new Map(
  [
    'userName externalId active members id groups password roles',
    'formatted familyName givenName middleName honorificPrefix honorificSuffix',
    'value type primary display streetAddress locality region postalCode country',
    'employeeNumber costCenter organization division department manager',
  ]
    .flatMap((names) => names.split(' '))
    .concat(USER_ATTRIBUTES)
    .map((name) => [name.toLowerCase(), name]),
)
const SCHEMAS = new Map([USER_SCHEMA, GROUP_SCHEMA, ENTERPRISE_SCHEMA].map((name) => [name.toLowerCase(), name]))

/**
 * The operations of a PATCH request, in one spelling: Microsoft Entra ID writes `Replace`, and names have no case.
 * @throws ScimError
 * @see RFC 7644 section 3.5.2
 */
export function parseOperations(body: unknown): PatchOperation[] {
  const given = requireObject(body)
  const schemas = valueOf(given, 'schemas')
  if (!Array.isArray(schemas) || !schemas.includes(PATCH_SCHEMA)) {
    throw new ScimError(400, `schemas must name ${PATCH_SCHEMA}.`, 'invalidSyntax')
  }
  const operations = valueOf(given, 'Operations')
  if (!Array.isArray(operations) || operations.length === 0 || operations.length > MAX_OPERATIONS) {
    throw new ScimError(400, `Operations must be a list of 1 to ${MAX_OPERATIONS}.`, 'invalidSyntax')
  }
  return operations.map(parseOperation)
}

function parseOperation(given: unknown): PatchOperation {
  if (!isObject(given)) throw new ScimError(400, 'Each operation must be an object.', 'invalidSyntax')
  const text = valueOf(given, 'op')
  const op = typeof text === 'string' ? text.toLowerCase() : undefined
  if (op !== 'add' && op !== 'remove' && op !== 'replace') {
    throw new ScimError(400, 'op must be add, remove or replace.', 'invalidSyntax')
  }
  const named = valueOf(given, 'path')
  const extension = typeof named === 'string' ? SCHEMAS.get(named.toLowerCase()) : undefined
  const path = extension === undefined || op === 'remove' ? parsePath(named) : undefined
  const value = extension === undefined ? valueOf(given, 'value') : { [extension]: valueOf(given, 'value') }
  if (op === 'remove') {
    if (path === undefined) throw new ScimError(400, 'remove needs a path.', 'noTarget')
  } else if (value === undefined) {
    throw new ScimError(400, `${op} needs a value.`, 'invalidValue')
  } else if (path === undefined && !isObject(value)) {
    throw new ScimError(400, 'Without a path, value must be an object of attributes.', 'invalidValue')
  }
  return {
    op,
    ...(path === undefined ? {} : { path }),
    ...(value === undefined ? {} : { value: path === undefined ? spelled(value) : value }),
  }
}

function parsePath(given: unknown): string | undefined {
  if (given === undefined || given === null || given === '') return undefined
  const found = typeof given === 'string' && given.length <= MAX_PATH ? PATH.exec(given) : null
  if (!found) throw new ScimError(400, 'The path can’t be read.', 'invalidPath')
  const [, schema, attribute = '', filter = '', part] = found
  // A colon would be taken for the end of a schema's name.
  if (isInherited(attribute) || (part !== undefined && isInherited(part)) || filter.includes(':')) {
    throw new ScimError(400, 'The path can’t be changed.', 'invalidPath')
  }
  const prefix = schema === undefined ? '' : `${SCHEMAS.get(schema.toLowerCase()) ?? schema}:`
  return `${prefix}${nameOf(attribute)}${filter}${part === undefined ? '' : `.${nameOf(part)}`}`
}

/** The attributes of a value without a path; those of an extension one by one, as `schema:attribute`. */
function spelled(value: unknown): unknown {
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]): [string, unknown][] => {
      const schema = SCHEMAS.get(name.toLowerCase())
      if (schema !== undefined && isObject(each)) {
        return Object.entries(each).map(([part, inner]) => [`${schema}:${nameOf(part)}`, inner])
      }
      if (name.toLowerCase().startsWith('urn:')) return [[name, each]]
      return [[name.split('.').map(nameOf).join('.'), each]]
    }),
  )
}

const nameOf = (name: string): string => NAMES.get(name.toLowerCase()) ?? name
