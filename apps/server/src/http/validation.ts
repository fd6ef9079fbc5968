import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import type { TLocalizedValidationError } from 'typebox/error'
import { Settings } from 'typebox/system'
import { AppError } from '../errors/app-error.ts'

/** Mistakes named in one answer at most. */
const MAX_MISTAKES = 50
Settings.Set({ maxErrors: MAX_MISTAKES })

/**
 * Compiles at the first request of a route, since a process that has just started waits for one of hundreds of schemas. Checks strictly: unknown fields and wrong types are mistakes, all are named, and nothing is coerced but the text of
 * query and path parameters, which have no other type on the wire.
 */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  let validator: Validator | undefined
  const fromText = httpPart === 'querystring' || httpPart === 'params'
  return (value: unknown) => {
    const candidate = fromText ? fromStrings(schema, value as Record<string, unknown>) : value
    validator ??= Compile(schema)
    if (validator.Check(candidate)) return { value: candidate }
    const errors = validator.Errors(candidate).flatMap(toMistakes)
    return {
      error: new AppError('invalid-request', 'The request has mistakes; each is named under errors.', { errors }),
    }
  }
}

/** Numbers for integers, defaults for what is absent; anything else stays as it came and is then refused. */
function fromStrings(schema: TSchema, value: Record<string, unknown>): Record<string, unknown> {
  const { properties = {} } = schema as { properties?: Record<string, { type?: string; default?: unknown }> }
  const converted: Record<string, unknown> = { ...value }
  for (const [name, property] of Object.entries(properties)) {
    const given = converted[name]
    if (given === undefined) {
      if (property.default !== undefined) converted[name] = property.default
    } else if (property.type === 'integer' && typeof given === 'string' && /^-?\d{1,15}$/.test(given)) {
      converted[name] = Number(given)
    }
  }
  return converted
}

function toMistakes(error: TLocalizedValidationError): { path: string; message: string }[] {
  switch (error.keyword) {
    case 'additionalProperties':
      return error.params.additionalProperties.map((name) => ({
        path: `${error.instancePath}/${name.slice(0, 100)}`,
        message: 'is not known here',
      }))
    case 'required':
      return error.params.requiredProperties.map((name) => ({
        path: `${error.instancePath}/${name}`,
        message: 'is missing',
      }))
    case 'boolean':
      // An unknown field once more, by its own schema `false`.
      return []
    case 'enum':
      return [{ path: error.instancePath, message: `must be one of ${error.params.allowedValues.join(', ')}` }]
    default:
      return [{ path: error.instancePath || '/', message: error.message }]
  }
}
