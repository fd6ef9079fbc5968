import { ScimError } from './scim-error.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** Levels of objects and lists within one another. */
const MAX_DEPTH = 8

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @throws ScimError for anything but an object whose texts the database can hold */
export function requireObject(body: unknown): JsonObject {
  if (!isObject(body)) throw new ScimError(400, 'The body must be a JSON object.', 'invalidSyntax')
  check(body, 1)
  return body
}

/** A name that every object has would lead out of the resource, into what the whole program is made of. */
export const isInherited = (name: string): boolean => name in Object.prototype

function check(value: unknown, depth: number): void {
  if (typeof value === 'string' && (value.includes('\0') || !value.isWellFormed())) {
    throw new ScimError(400, 'A text holds U+0000 or half a character.', 'invalidValue')
  }
  if (typeof value !== 'object' || value === null) return
  if (depth > MAX_DEPTH)
    throw new ScimError(400, `The body is nested deeper than ${MAX_DEPTH} levels.`, 'invalidSyntax')
  for (const [name, each] of Object.entries(value)) {
    if (name.split(/[.:]/).some(isInherited)) {
      throw new ScimError(400, `${name.slice(0, 100)} is no attribute.`, 'invalidSyntax')
    }
    check(name, depth)
    check(each, depth + 1)
  }
}

/** The value under a name in whatever case: names of attributes have none. @see RFC 7643 section 2.1 */
export function valueOf(body: JsonObject, name: string): unknown {
  if (Object.hasOwn(body, name)) return body[name]
  const lower = name.toLowerCase()
  const found = Object.keys(body).find((each) => each.toLowerCase() === lower)
  return found === undefined ? undefined : body[found]
}

/** @throws ScimError for what is neither absent nor a text of so many characters */
export function textOf(body: JsonObject, name: string, longest: number): string | null {
  const value = valueOf(body, name)
  if (value === undefined || value === null) return null
  if (typeof value !== 'string') throw new ScimError(400, `${name} must be a text.`, 'invalidValue')
  const text = value.trim()
  if (text.length > longest) throw new ScimError(400, `${name} has more than ${longest} characters.`, 'invalidValue')
  return text === '' ? null : text
}
