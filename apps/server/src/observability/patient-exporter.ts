import type { SpanExporter } from '@opentelemetry/sdk-trace'
import type { FastifyBaseLogger } from 'fastify'

/** Milliseconds between two lines of the log about a collector that is away. */
const TELL_MS = 60_000

/** An exporter whose failures are told once a minute, with how much was lost, and its recovery. */
export function patientExporter(
  exporter: SpanExporter,
  logger: Pick<FastifyBaseLogger, 'warn' | 'info'>,
  now: () => number = () => performance.now(),
): SpanExporter {
  let lost = 0
  let isAway = false
  let toldAt = -Infinity
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.code === 0) {
          if (isAway) logger.info({ lostSpans: lost }, 'the collector takes traces again')
          isAway = false
          lost = 0
        } else {
          isAway = true
          lost += spans.length
          if (now() - toldAt >= TELL_MS) {
            toldAt = now()
            logger.warn({ lostSpans: lost, reason: result.error?.message }, 'the collector does not take traces')
          }
        }
        done(result)
      })
    },
    shutdown: () => exporter.shutdown(),
    ...(exporter.forceFlush === undefined ? {} : { forceFlush: () => exporter.forceFlush!() }),
  }
}
