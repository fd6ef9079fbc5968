import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import {
  type Attributes,
  type Context,
  createContextKey,
  createTraceState,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TracerProvider,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace'
import { VERSION } from '@skycrate/contract/version'
import type { FastifyBaseLogger } from 'fastify'
import type { Config } from '../config/config.ts'
import { patientExporter } from './patient-exporter.ts'
import type { Tracing } from './tracing.ts'

/** Spans that wait for the collector at most; more are lost. */
const MAX_WAITING = 2048
const MAX_BATCH = 512
/** Batches on their way at once: a collector that hangs holds no more. */
const MAX_EXPORTS = 8
/** Milliseconds between two batches. */
const BATCH_MS = 1000
/** Milliseconds that a collector has for a batch, and the process for the last ones at its end. */
const EXPORT_MS = 5000

/** What a context belongs to. */
interface Whole {
  readonly span: Span
  isOver: boolean
}

/** Traces by OpenTelemetry. This module alone loads its packages. */
export function startTracing(config: NonNullable<Config['tracing']>, logger: FastifyBaseLogger): Tracing {
  const exporter = new OTLPTraceExporter({
    url: config.url,
    headers: { ...config.headers },
    timeoutMillis: EXPORT_MS,
    concurrencyLimit: MAX_EXPORTS,
  })
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': config.serviceName, 'service.version': VERSION }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(config.ratio) }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: patientExporter(exporter, logger),
        maxQueueSize: MAX_WAITING,
        maxExportBatchSize: MAX_BATCH,
        scheduledDelayMillis: BATCH_MS,
        exportTimeoutMillis: EXPORT_MS,
      }),
    ],
  })
  const tracer = provider.getTracer('skycrate', VERSION)
  const contexts = new AsyncLocalStorageContextManager().enable()
  const WHOLE = createContextKey('what a context belongs to')
  const wholeOf = (context: Context): Whole | undefined => context.getValue(WHOLE) as Whole | undefined

  const begin = (kind: SpanKind, name: string, attributes: Attributes, parent: Context) => {
    const span = tracer.startSpan(name, { kind, attributes }, parent)
    const whole: Whole = { span, isOver: false }
    return { whole, context: trace.setSpan(parent, span).setValue(WHOLE, whole) }
  }

  async function ended<T>(span: Span, context: Context, work: () => Promise<T>): Promise<T> {
    try {
      return await contexts.with(context, work)
    } catch (error) {
      // Its message may hold what was asked for.
      span.setAttribute(
        'error.type',
        (error as { code?: unknown }).code?.toString() ?? (error as Error).name ?? 'error',
      )
      span.setStatus({ code: SpanStatusCode.ERROR })
      throw error
    } finally {
      span.end()
    }
  }

  const stopWatching = watchRequests((host, method) => {
    const context = contexts.active()
    if (wholeOf(context)?.isOver !== false) return undefined
    const attributes = { 'server.address': host, 'http.request.method': method }
    return tracer.startSpan(`${method} ${host}`, { kind: SpanKind.CLIENT, attributes }, context)
  })

  return {
    request(parent) {
      const { whole, context } = begin(SpanKind.SERVER, 'request', {}, contextOf(parent))
      return {
        run: (work) => contexts.with(context, work),
        end(name, attributes, isError) {
          whole.isOver = true
          whole.span.updateName(name).setAttributes({ ...attributes })
          if (isError) whole.span.setStatus({ code: SpanStatusCode.ERROR })
          whole.span.end()
        },
      }
    },

    async step(name, attributes, work) {
      const context = contexts.active()
      // What a request has set off may go on for others long after it: their time is not the request's.
      if (wholeOf(context)?.isOver !== false) return work()
      const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes: { ...attributes } }, context)
      return ended(span, trace.setSpan(context, span), work)
    },

    async job(name, attributes, work) {
      const { whole, context } = begin(SpanKind.CONSUMER, name, { ...attributes }, ROOT_CONTEXT)
      try {
        return await ended(whole.span, context, work)
      } finally {
        whole.isOver = true
      }
    },

    note(attributes) {
      wholeOf(contexts.active())?.span.setAttributes({ ...attributes })
    },

    async [Symbol.asyncDispose]() {
      stopWatching()
      contexts.disable()
      const ending = provider
        .forceFlush()
        .then(() => provider.shutdown())
        .catch(() => undefined)
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, EXPORT_MS)
      await Promise.race([ending, promise])
      clearTimeout(timer)
    },
  }
}

/** @see https://www.w3.org/TR/trace-context/#traceparent-header */
function contextOf({ traceparent, tracestate }: Parameters<Tracing['request']>[0]): Context {
  if (typeof traceparent !== 'string') return ROOT_CONTEXT
  const [, version, traceId = '', spanId = '', flags = '', rest] =
    /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/.exec(traceparent) ?? []
  if (version === undefined || version === 'ff' || (version === '00' && rest !== undefined)) return ROOT_CONTEXT
  const parent: SpanContext = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & 1,
    isRemote: true,
    ...(typeof tracestate === 'string' && tracestate.length <= 512 ? { traceState: createTraceState(tracestate) } : {}),
  }
  return isSpanContextValid(parent) ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT
}

/** Requests of `fetch`, by which keys of issuers come: Node itself tells of them. */
function watchRequests(begin: (host: string, method: string) => Span | undefined): () => void {
  const spans = new WeakMap<object, Span>()
  const created = (message: unknown): void => {
    const { request } = message as { request: { origin?: unknown; method: string } }
    const url = URL.parse(String(request.origin))
    const span = url === null ? undefined : begin(url.host, request.method)
    if (span) spans.set(request, span)
  }
  const answered = (message: unknown): void => {
    const { request, response } = message as { request: object; response: { statusCode: number } }
    spans.get(request)?.setAttribute('http.response.status_code', response.statusCode).end()
  }
  const failed = (message: unknown): void => {
    const { request } = message as { request: object }
    spans.get(request)?.setStatus({ code: SpanStatusCode.ERROR }).end()
  }
  const channels = [
    ['undici:request:create', created],
    ['undici:request:headers', answered],
    ['undici:request:error', failed],
  ] as const
  for (const [channel, listener] of channels) subscribe(channel, listener)
  return () => {
    for (const [channel, listener] of channels) unsubscribe(channel, listener)
  }
}
