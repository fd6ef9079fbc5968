import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'
import type { FastifySerializerCompiler } from 'fastify/types/schema.js'

/** Fastify's own, with no schemas that others refer to. */
const compile = SerializerSelector()({}, {}) as unknown as FastifySerializerCompiler<unknown>

/** Compiles at the first answer of a route: all of them together take longer than the rest of a start. */
export const compileSerializer: FastifySerializerCompiler<unknown> = (definition) => {
  let serialize: ReturnType<typeof compile> | undefined
  return (data) => (serialize ??= compile(definition))(data)
}
