import type { RunningServer } from './running-server.ts'

/**
 * Lets a client sign by a moved clock. Before each request: answers set the offset of the client's clock by their Date,
 * which is the true one.
 */
export const shiftClock = ({ client }: Pick<RunningServer, 'client'>, offset: () => number): void => {
  client.middlewareStack.add(
    (next) => (request) => {
      client.config.systemClockOffset = offset()
      return next(request)
    },
    { step: 'initialize' },
  )
}
