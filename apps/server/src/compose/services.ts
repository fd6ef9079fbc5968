import type { FastifyBaseLogger } from 'fastify'
import type { Config } from '../config/config.ts'
import type { Backends } from './external-backends.ts'
import { type Access, createAccess } from './access.ts'
import { type Foundation, type FoundationOptions, openFoundation } from './foundation.ts'
import { createObjectServices, type ObjectServices } from './object-services.ts'
import { createPeople, type People } from './people.ts'

/** Every use case there is, made and joined. Disposing ends what they hold, not the backends. */
export interface Services extends AsyncDisposable, Foundation, People, Access, ObjectServices {}

/**
 * Makes every service and hands each what it uses. Nothing listens yet and no job is taken: a process that only answers
 * needs nothing else.
 * @throws AppError `database-unavailable`
 */
export async function createServices(
  config: Config,
  backends: Backends,
  logger: FastifyBaseLogger,
  options: FoundationOptions = {},
): Promise<Services> {
  await using starting = new AsyncDisposableStack()
  const foundation = await openFoundation(starting, config, backends, logger, options)
  const people = await createPeople(starting, foundation)
  const access = await createAccess(starting, foundation)
  const objects = await createObjectServices(starting, foundation, people, access)
  const running = starting.move()
  return { ...foundation, ...people, ...access, ...objects, [Symbol.asyncDispose]: () => running.disposeAsync() }
}
