import type { FastifyBaseLogger } from 'fastify'

/** Milliseconds between two lines about one issuer, at least. */
const EVERY_MS = 60_000
/** Causes within causes that a line tells. */
const MAX_CAUSES = 5

export interface IssuerLog {
  /** Keys could not be fetched, or one of them not be used. */
  failed(error: Error): void
  /** A request was refused, since there are no keys. */
  refused(): void
}

/**
 * The log's lines about an issuer that is down: the first failure at once, then at most one line a minute that counts what
 * came meanwhile, however many requests there are. Without a stack, which would tell of our code and not of the issuer.
 */
export function createIssuerLog(
  issuer: string,
  logger: Pick<FastifyBaseLogger, 'warn'>,
  message = "an issuer's keys cannot be used",
): IssuerLog {
  let reason = 'no keys are available'
  let failures = 0
  let refusedRequests = 0
  let timer: NodeJS.Timeout | undefined

  function note(): void {
    if (timer !== undefined) return
    logger.warn({ issuer, reason, failures, refusedRequests }, message)
    failures = 0
    refusedRequests = 0
    timer = setTimeout(() => {
      timer = undefined
      if (failures + refusedRequests > 0) note()
    }, EVERY_MS)
    timer.unref()
  }

  return {
    failed(error) {
      reason = reasonOf(error)
      failures++
      note()
    },
    refused() {
      refusedRequests++
      note()
    },
  }
}

/** One line: the message and those of its causes. */
function reasonOf(error: Error): string {
  const messages: string[] = []
  let next: unknown = error
  while (next instanceof Error && messages.length < MAX_CAUSES) {
    const { message, code } = next as Error & { code?: unknown }
    messages.push(message || (typeof code === 'string' ? code : next.name))
    next = next.cause
  }
  return messages.join(': ').replaceAll(/\s*\n\s*/g, ' ')
}
