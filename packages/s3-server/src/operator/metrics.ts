import type { RequestRecord } from '../handle-request.ts'
import type { DeliveryStatus } from '../notifications/deliver-events.ts'

/** What is measured at the moment of asking. Undefined: not known. */
export interface Gauges {
  readonly connections: number
  readonly refusedConnections: number
  readonly diskFreeBytes: number | undefined
  readonly diskBytes: number | undefined
  readonly damagedBlobs: number
  /** Milliseconds since 1970. */
  readonly scrubbedAt: number | undefined
  readonly deliveries: readonly DeliveryStatus[]
}

/** Upper bounds of the latency histogram, in seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60]

interface Latency {
  readonly counts: number[]
  sum: number
  count: number
}

const series = (name: string, labels: Readonly<Record<string, string>>, value: number): string => {
  const text = Object.entries(labels).map(([label, content]) => `${label}="${content}"`)
  return `${name}${text.length === 0 ? '' : `{${text.join(',')}}`} ${value}\n`
}

const head = (name: string, type: 'counter' | 'gauge' | 'histogram', help: string): string =>
  `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`

/** Webhooks are named by the operator, or by a bucket's configuration that names one which was here once. */
const deliverySeries = (deliveries: readonly DeliveryStatus[]): readonly string[] => {
  const each = (
    name: string,
    type: 'counter' | 'gauge',
    help: string,
    value: (status: DeliveryStatus) => number,
  ): readonly string[] => [
    head(name, type, help),
    ...deliveries.map((status) => series(name, { webhook: status.webhook }, value(status))),
  ]
  if (deliveries.length === 0) return []
  return [
    ...each('skycrate_s3_events_waiting', 'gauge', 'Events that wait for their webhook.', ({ waiting }) => waiting),
    ...each(
      'skycrate_s3_events_oldest_seconds',
      'gauge',
      'Age of the oldest of them, 0 for none.',
      ({ oldestAge }) => oldestAge / 1000,
    ),
    ...each('skycrate_s3_events_delivered_total', 'counter', 'Events that were taken.', ({ delivered }) => delivered),
    ...each(
      'skycrate_s3_event_failures_total',
      'counter',
      'Messages that were not taken; they are sent again.',
      ({ failed }) => failed,
    ),
    head('skycrate_s3_events_dropped_total', 'counter', 'Events given up: too old, or no room for so many.'),
    ...deliveries.flatMap(({ webhook, dropped }) =>
      Object.entries(dropped).map(([reason, count]) =>
        series('skycrate_s3_events_dropped_total', { webhook, reason }, count),
      ),
    ),
  ]
}

/**
 * Counts requests for Prometheus. Labels are operations, statuses and S3's codes: names of this program, so that no client
 * can make series without end.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export class Metrics {
  readonly #requests = new Map<string, { readonly labels: Record<string, string>; count: number }>()
  readonly #errors = new Map<string, number>()
  readonly #latencies = new Map<string, Latency>()
  #received = 0
  #sent = 0

  record({ operation = 'unknown', status, code, received, sent, milliseconds }: RequestRecord): void {
    const key = `${operation} ${status}`
    const entry = this.#requests.get(key) ?? { labels: { operation, status: String(status) }, count: 0 }
    entry.count += 1
    this.#requests.set(key, entry)
    if (code !== undefined) this.#errors.set(code, (this.#errors.get(code) ?? 0) + 1)
    this.#received += received
    this.#sent += sent
    const seconds = milliseconds / 1000
    const latency = this.#latencies.get(operation) ?? { counts: BUCKETS.map(() => 0), sum: 0, count: 0 }
    const place = BUCKETS.findIndex((bound) => seconds <= bound)
    if (place !== -1) latency.counts[place] = (latency.counts[place] ?? 0) + 1
    latency.sum += seconds
    latency.count += 1
    this.#latencies.set(operation, latency)
  }

  render(gauges: Gauges): string {
    const optional = (name: string, help: string, value: number | undefined): string =>
      value === undefined ? '' : head(name, 'gauge', help) + series(name, {}, value)
    return [
      head('skycrate_s3_requests_total', 'counter', 'Answered requests.'),
      ...[...this.#requests.values()].map(({ labels, count }) => series('skycrate_s3_requests_total', labels, count)),
      head('skycrate_s3_errors_total', 'counter', 'Answers with an error of S3.'),
      ...[...this.#errors].map(([code, count]) => series('skycrate_s3_errors_total', { code }, count)),
      head('skycrate_s3_received_bytes_total', 'counter', 'Bytes of request bodies.'),
      series('skycrate_s3_received_bytes_total', {}, this.#received),
      head('skycrate_s3_sent_bytes_total', 'counter', 'Bytes of answers, with their heads.'),
      series('skycrate_s3_sent_bytes_total', {}, this.#sent),
      head('skycrate_s3_request_seconds', 'histogram', 'From the head of a request to the last byte of its answer.'),
      ...[...this.#latencies].map(([operation, latency]) => this.#histogram(operation, latency)),
      optional('skycrate_s3_connections', 'Open connections.', gauges.connections),
      head('skycrate_s3_refused_connections_total', 'counter', 'Connections refused because one address had too many.'),
      series('skycrate_s3_refused_connections_total', {}, gauges.refusedConnections),
      optional('skycrate_s3_disk_free_bytes', 'Free on the disk of the data directory.', gauges.diskFreeBytes),
      optional('skycrate_s3_disk_bytes', 'Size of that disk.', gauges.diskBytes),
      optional(
        'skycrate_s3_damaged_blobs',
        'Blobs in use that the scrub or a request found damaged.',
        gauges.damagedBlobs,
      ),
      optional(
        'skycrate_s3_scrub_finished_seconds',
        'When the last scrub came to its end, in seconds since 1970.',
        gauges.scrubbedAt === undefined ? undefined : gauges.scrubbedAt / 1000,
      ),
      ...deliverySeries(gauges.deliveries),
    ].join('')
  }

  #histogram(operation: string, { counts, sum, count }: Latency): string {
    let below = 0
    const buckets = BUCKETS.map((bound, at) => {
      below += counts[at] ?? 0
      return series('skycrate_s3_request_seconds_bucket', { operation, le: String(bound) }, below)
    })
    return [
      ...buckets,
      series('skycrate_s3_request_seconds_bucket', { operation, le: '+Inf' }, count),
      series('skycrate_s3_request_seconds_sum', { operation }, sum),
      series('skycrate_s3_request_seconds_count', { operation }, count),
    ].join('')
  }
}
