import { type Logger, pino } from 'pino'

/** Lines on stdout, which Lambda keeps. An error is its name, message and stack, and nothing that hangs on it. */
export const createLambdaLogger = (level: string): Logger =>
  pino({
    level,
    base: null,
    serializers: {
      err: (error: unknown) =>
        error instanceof Error
          ? { type: error.name, message: error.message, stack: error.stack }
          : { type: typeof error },
    },
  })
