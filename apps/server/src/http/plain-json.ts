import type { FastifyReply } from 'fastify'

/** The answer is written as it is, without its route's schema. Fastify then names no type by itself. */
export const asPlainJson = (reply: FastifyReply): FastifyReply =>
  reply.type('application/json; charset=utf-8').serializer(JSON.stringify)
