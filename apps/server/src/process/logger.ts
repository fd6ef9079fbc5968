import { type Logger, pino } from 'pino'
import { openLogDestination } from './log-destination.ts'

/** Causes within causes that a line of the log follows. */
const MAX_CAUSES = 5

/**
 * The log: JSON lines on stderr, so that it and the announcement on stdout can be read apart. Of an error it writes what
 * tells a reader something, and nothing else that hangs on it: a database driver's errors carry their connection, with
 * keys and all.
 */
export function createLogger(level: string): Logger {
  const destination = openLogDestination(2)
  process.once('exit', () => destination.flushSync())
  return pino({ level, base: null, serializers: { err: (error: unknown) => describe(error, MAX_CAUSES) } }, destination)
}

function describe(error: unknown, causes: number): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : { type: typeof error }
  const { name: type, message, stack } = error
  const { code, cause } = error as { code?: unknown; cause?: unknown }
  return {
    type,
    message,
    ...(typeof code === 'string' ? { code } : {}),
    stack,
    ...(cause === undefined || causes === 0 ? {} : { cause: describe(cause, causes - 1) }),
  }
}
