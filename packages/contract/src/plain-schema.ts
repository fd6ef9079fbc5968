import type { TSchema } from 'typebox'

/**
 * A schema as plain JSON Schema: without TypeBox's hidden marks, and without `$id`, which would be a relative URL in
 * OpenAPI and stands twice where a schema is used twice in another.
 */
export function plain(schema: TSchema): Record<string, unknown> {
  const text = JSON.stringify(schema, (name, value: unknown) => (name === '$id' ? undefined : value))
  return JSON.parse(text) as Record<string, unknown>
}
