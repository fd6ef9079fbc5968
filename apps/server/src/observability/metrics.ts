import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Freshness } from '../access/freshness.ts'
import type { AuditLog, NewAuditEvent } from '../audit/audit-event.ts'
import type { Sql } from '../db/database.ts'

/** Seconds; from a warm decision to what a proxy gives up on. */
const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
/** Milliseconds for which what the database was asked for a scrape is told again. */
const HOLDS_MS = 5_000

/** Counts and times what this process does, in Prometheus's terms. */
export interface Metrics {
  /** Counts each event that is recorded through the log that it returns. */
  counting(audit: AuditLog): AuditLog
  /** @param route its path in the contract's notation; what no route serves is one of them */
  request(route: string, method: string, status: number, seconds: number): void
  /** The exposition, with its media type. */
  expose(): Promise<{ readonly type: string; readonly text: string }>
}

interface Watched {
  readonly sql: Sql
  readonly freshness: Pick<Freshness, 'isFresh'>
  /** Audit events that wait for their commit. */
  readonly waitingEvents: () => number
}

export function createMetrics(): Metrics & { watch(watched: Watched): void } {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })

  const requests = new Counter({
    name: 'skycrate_http_requests_total',
    help: 'Requests by route, method and status.',
    labelNames: ['route', 'method', 'status'],
    registers,
  })
  const durations = new Histogram({
    name: 'skycrate_http_request_duration_seconds',
    help: 'Seconds from the request head to the end of the response, by route and method.',
    labelNames: ['route', 'method'],
    buckets: LATENCY_BUCKETS,
    registers,
  })
  const events = new Counter({
    name: 'skycrate_audit_events_total',
    help: 'Audit events by action, outcome and door: decisions, sign-ins, vended credentials and everything else recorded.',
    labelNames: ['action', 'outcome', 'door'],
    registers,
  })
  const failures = new Counter({
    name: 'skycrate_audit_failures_total',
    help: 'Audit events that could not be recorded; nothing was released for them.',
    registers,
  })

  // A request's labels are looked up once for each route and status, since the lookup costs more than the count.
  const durationOf = new Map<string, ReturnType<typeof durations.labels>>()
  const requestsOf = new Map<string, ReturnType<typeof requests.labels>>()
  const eventsOf = new Map<string, ReturnType<typeof events.labels>>()

  const count = ({ action, outcome, origin, count: times = 1 }: NewAuditEvent): void => {
    const key = `${action} ${outcome} ${origin.door}`
    let counter = eventsOf.get(key)
    if (!counter) eventsOf.set(key, (counter = events.labels(action, outcome, origin.door)))
    counter.inc(times)
  }

  return {
    counting: (audit) => ({
      ...audit,
      record(event) {
        const recorded = audit.record(event)
        recorded.then(
          () => count(event),
          () => failures.inc(),
        )
        return recorded
      },
    }),

    request(route, method, status, seconds) {
      const place = `${method} ${route}`
      let duration = durationOf.get(place)
      if (!duration) durationOf.set(place, (duration = durations.labels(route, method)))
      duration.observe(seconds)
      const key = `${status} ${place}`
      let counter = requestsOf.get(key)
      if (!counter) requestsOf.set(key, (counter = requests.labels(route, method, String(status))))
      counter.inc()
    },

    watch({ sql, freshness, waitingEvents }) {
      new Gauge({
        name: 'skycrate_audit_waiting_events',
        help: 'Audit events that wait for their commit.',
        registers,
        collect() {
          this.set(waitingEvents())
        },
      })
      new Gauge({
        name: 'skycrate_permission_cache_fresh',
        help: '1 while this process is proven to hear of changed permissions; otherwise it reads them from the database.',
        registers,
        collect() {
          this.set(freshness.isFresh() ? 1 : 0)
        },
      })
      const counted = heldFor(HOLDS_MS, () => countRows(sql))
      new Gauge({
        name: 'skycrate_database_up',
        help: '1 if the database answered for this scrape.',
        registers,
        async collect() {
          this.set((await counted()) === undefined ? 0 : 1)
        },
      })
      new Gauge({
        name: 'skycrate_jobs',
        help: 'Jobs by state: queued and running now, and those that failed in the last 24 hours. Of all processes.',
        labelNames: ['state'],
        registers,
        async collect() {
          this.reset()
          const rows = await counted()
          if (rows) for (const state of ['queued', 'running', 'failed'] as const) this.set({ state }, rows[state])
        },
      })
      new Gauge({
        name: 'skycrate_unfinished_homes',
        help: 'Homes whose creation has not finished. Of all processes.',
        registers,
        async collect() {
          this.reset()
          const rows = await counted()
          if (rows) this.set(rows.unfinishedHomes)
        },
      })
    },

    expose: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  }
}

interface Rows {
  readonly queued: number
  readonly running: number
  readonly failed: number
  readonly unfinishedHomes: number
}

async function countRows(sql: Sql): Promise<Rows | undefined> {
  return sql
    .query<Rows & object>(
      `select count(*) filter (where state = 'queued')::int as queued,
         count(*) filter (where state = 'running')::int as running,
         count(*) filter (where state = 'failed' and finished_at > now() - interval '24 hours')::int as failed,
         (select count(*)::int from homes where state <> 'ready') as "unfinishedHomes"
       from jobs where state in ('queued', 'running', 'failed')`,
    )
    .then(
      ([row]) => row,
      () => undefined,
    )
}

/** Asks once for all who ask in this time. */
function heldFor<T>(ms: number, ask: () => Promise<T>): () => Promise<T> {
  let answer: { readonly at: number; readonly value: Promise<T> } | undefined
  return () => {
    const at = performance.now()
    if (answer === undefined || at - answer.at >= ms) answer = { at, value: ask() }
    return answer.value
  }
}
