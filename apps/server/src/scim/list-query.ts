import type { Filter } from 'scim2-parse-filter'
import { isObject, type JsonObject, valueOf } from './body.ts'
import { parseFilter } from './parse-filter.ts'
import { LIST_SCHEMA } from './schemas.ts'
import { ScimError } from './scim-error.ts'

/** Resources in one answer at most. */
export const MAX_COUNT = 500
const DEFAULT_COUNT = 100

/** Which part of a list is asked for. @see RFC 7644 section 3.4.2 */
export interface ListQuery {
  readonly filter: Filter | undefined
  /** Counted from 1. */
  readonly startIndex: number
  readonly count: number
}

/** Which attributes an answer holds. @see RFC 7644 section 3.9 */
export interface Selection {
  readonly only: ReadonlySet<string> | undefined
  readonly without: ReadonlySet<string>
}

/** @throws ScimError */
export function parseListQuery(query: JsonObject): ListQuery {
  const filter = valueOf(query, 'filter')
  if (filter !== undefined && typeof filter !== 'string')
    throw new ScimError(400, 'filter must stand once.', 'invalidFilter')
  const sortBy = valueOf(query, 'sortBy')
  if (sortBy !== undefined) throw new ScimError(400, 'Lists can’t be sorted.', 'invalidValue')
  return {
    filter: filter === undefined || filter.trim() === '' ? undefined : parseFilter(filter),
    startIndex: Math.max(1, integer(valueOf(query, 'startIndex'), 'startIndex') ?? 1),
    count: Math.min(MAX_COUNT, Math.max(0, integer(valueOf(query, 'count'), 'count') ?? DEFAULT_COUNT)),
  }
}

function integer(value: unknown, name: string): number | undefined {
  if (value === undefined || value === '') return undefined
  if (
    typeof value === 'number' ? Number.isSafeInteger(value) : typeof value === 'string' && /^-?\d{1,9}$/.test(value)
  ) {
    return Math.min(Number(value), 1_000_000_000)
  }
  throw new ScimError(400, `${name} must be a whole number.`, 'invalidValue')
}

export function parseSelection(query: JsonObject): Selection {
  const listed = (name: string): string[] => {
    const value = valueOf(query, name)
    const texts = (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'string')
    // The whole attribute, where a part of one is asked for.
    return texts.flatMap((text) => text.split(',').map((each) => topOf(each.trim()))).filter((each) => each !== '')
  }
  const only = listed('attributes')
  return { only: only.length === 0 ? undefined : new Set(only), without: new Set(listed('excludedAttributes')) }
}

function topOf(path: string): string {
  const bare = path.slice(path.lastIndexOf(':') + 1).toLowerCase()
  return bare.split('.', 1)[0] ?? ''
}

export function wants({ only, without }: Selection, attribute: string): boolean {
  const name = attribute.toLowerCase()
  return (only === undefined || only.has(name)) && !without.has(name)
}

/** `schemas`, `id` and `meta` always stay. */
export function selected(resource: JsonObject, selection: Selection): JsonObject {
  if (selection.only === undefined && selection.without.size === 0) return resource
  return Object.fromEntries(
    Object.entries(resource).filter(
      ([name]) => name === 'schemas' || name === 'id' || name === 'meta' || wants(selection, name),
    ),
  )
}

export function listResponse(total: number, startIndex: number, resources: readonly JsonObject[]): object {
  return {
    schemas: [LIST_SCHEMA],
    totalResults: total,
    startIndex,
    itemsPerPage: resources.length,
    Resources: resources,
  }
}

/** The query of `POST …/.search`, whose `attributes` are lists. */
export const searchBody = (body: unknown): JsonObject => (isObject(body) ? body : {})
