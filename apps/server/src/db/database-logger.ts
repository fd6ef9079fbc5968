import type { FastifyBaseLogger } from 'fastify'

/** What the database rooms need of the server's logger. */
export type DatabaseLogger = Pick<FastifyBaseLogger, 'debug' | 'info' | 'warn' | 'error'>
