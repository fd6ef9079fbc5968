import type { DirectoryPerson, DirectoryUser } from '../users/directories/directory-user.ts'
import { isActive } from '../users/directories/directory-user.ts'
import { isObject, type JsonObject, requireObject, textOf, valueOf } from './body.ts'
import { ENTERPRISE_SCHEMA, USER_ATTRIBUTES, USER_SCHEMA } from './schemas.ts'
import { ScimError } from './scim-error.ts'
import { versionOf } from './version.ts'

/** Bytes of the JSON of what is kept of one user. */
const MAX_ATTRIBUTES = 16 * 1024
const MAX_NAME = 200
const MAX_EMAIL = 320

/**
 * A user as a directory sends it. What SkyCrate has no use for is left out, a password above all.
 * @throws ScimError
 * @see RFC 7643 section 4.1
 */
export function parseUser(body: unknown): DirectoryPerson {
  const given = requireObject(body)
  const userName = textOf(given, 'userName', MAX_EMAIL)
  if (userName === null) throw new ScimError(400, 'userName is needed.', 'invalidValue')
  const attributes: Record<string, unknown> = {}
  for (const name of USER_ATTRIBUTES) {
    const value = valueOf(given, name)
    if (value !== undefined && value !== null) attributes[name] = value
  }
  if (Buffer.byteLength(JSON.stringify(attributes)) > MAX_ATTRIBUTES) {
    throw new ScimError(400, `The attributes of a user may have ${MAX_ATTRIBUTES} bytes.`, 'tooMany')
  }
  return {
    userName,
    externalId: textOf(given, 'externalId', 255),
    active: parseActive(valueOf(given, 'active')),
    name: nameOf(attributes),
    email: emailOf(attributes, userName),
    attributes,
  }
}

/** What a directory has said of a user until now. */
export function personOf(user: DirectoryUser): DirectoryPerson {
  const { userName, externalId, attributes } = user
  return {
    userName,
    externalId,
    active: isActive(user),
    name: nameOf(attributes),
    email: emailOf(attributes, userName),
    attributes,
  }
}

/** @param base the URL of SCIM here */
export function userResource(user: DirectoryUser, base: string): JsonObject {
  const { id, userName, externalId, attributes, groups, createdAt, updatedAt } = user
  return {
    schemas: [USER_SCHEMA, ...(ENTERPRISE_SCHEMA in attributes ? [ENTERPRISE_SCHEMA] : [])],
    id,
    ...(externalId === null ? {} : { externalId }),
    userName,
    ...attributes,
    active: isActive(user),
    groups: groups.map((group) => ({
      value: group.id,
      display: group.name,
      type: 'direct',
      $ref: `${base}/Groups/${group.id}`,
    })),
    meta: {
      resourceType: 'User',
      created: createdAt.toISOString(),
      lastModified: updatedAt.toISOString(),
      location: `${base}/Users/${id}`,
      version: versionOf(updatedAt),
    },
  }
}

/** Microsoft Entra ID writes booleans as texts. */
function parseActive(value: unknown): boolean {
  if (value === undefined || value === null) return true
  if (typeof value === 'boolean') return value
  const text = typeof value === 'string' ? value.trim().toLowerCase() : undefined
  if (text === 'true' || text === 'false') return text === 'true'
  throw new ScimError(400, 'active must be true or false.', 'invalidValue')
}

function nameOf(attributes: JsonObject): string | null {
  const { name } = attributes
  const parts = isObject(name) ? [textIn(name, 'givenName'), textIn(name, 'familyName')] : []
  const full = parts.filter((part) => part !== null).join(' ')
  const found = textIn(attributes, 'displayName') ?? (isObject(name) ? textIn(name, 'formatted') : null) ?? full
  return found === '' ? null : found.slice(0, MAX_NAME).toWellFormed()
}

/** The primary address, else the first, else a userName that is one. */
function emailOf(attributes: JsonObject, userName: string): string | null {
  const emails = valueOf(attributes, 'emails')
  const listed = (Array.isArray(emails) ? emails : [emails]).filter(isObject)
  const isPrimary = ({ primary }: JsonObject): boolean => String(primary).toLowerCase() === 'true'
  const chosen = [...listed.filter(isPrimary), ...listed, { value: userName }]
  for (const each of chosen) {
    const email = textIn(each, 'value')
    if (email !== null && email.length <= MAX_EMAIL && /^[^\s\p{Cc}\p{Cf}]+@[^\s\p{Cc}\p{Cf}@]+$/u.test(email))
      return email
  }
  return null
}

function textIn(object: JsonObject, name: string): string | null {
  const value = valueOf(object, name)
  const text = typeof value === 'string' ? value.trim() : ''
  return text === '' ? null : text
}
