import { crc32 } from 'node:zlib'
import { matchRules } from '../../events/notification-configuration.ts'
import type { NotificationConfiguration } from '../../events/notification-configuration.ts'
import type { ChangeEvent, EventDetails, EventOrigin, QueuedEvent } from '../../events/queued-event.ts'
import type { Bucket, BucketTable } from './bucket-table.ts'
import type { IndexDatabase } from '../index/index-database.ts'

/** Ways in which events of one webhook go out beside each other. Stored events keep their lane: never fewer than before. */
export const EVENT_LANES = 8

/** What waits for one webhook. */
export interface WaitingEvents {
  readonly webhook: string
  readonly count: number
  /** Of the oldest, in milliseconds since 1970. */
  readonly oldestAt: number
}

/** Where an event stands among all. */
export interface EventPlace {
  readonly sequence: number
  /** Milliseconds since 1970. */
  readonly at: number
}

interface Row {
  readonly sequence: number
  readonly at: number
  readonly details: string
}

const toEvent = ({ details, ...row }: Row): QueuedEvent => ({ ...row, details: JSON.parse(details) as EventDetails })

/**
 * Who is to hear of what in which bucket, and the events that wait to be told. They are raised in the very transaction
 * that makes the change, so that neither is there without the other.
 */
export class EventTable {
  readonly #index: IndexDatabase
  readonly #buckets: BucketTable
  /** By their text: one is needed for every change, and put seldom. */
  readonly #configurations = new Map<string, NotificationConfiguration>()
  #listener: (webhook: string, lane: number) => void = () => {}

  constructor(index: IndexDatabase, buckets: BucketTable) {
    this.#index = index
    this.#buckets = buckets
  }

  /** Tells of each event raised from now on; it may be taken back yet, and can be read once a later write is done. */
  listen(listener: (webhook: string, lane: number) => void): void {
    this.#listener = listener
  }

  /** Inside the write that makes the change. Where there never were versions, none is told. */
  raise(bucket: Bucket, change: ChangeEvent, origin: EventOrigin): void {
    const configuration = this.#configurationOf(bucket.id)
    if (configuration === undefined) return
    const versionId = bucket.versioning === 'Unversioned' ? undefined : change.versionId
    const event = { ...change, versionId }
    for (const { webhook, id } of matchRules(configuration, change.name, change.key)) {
      const details: EventDetails = { kind: 'change', bucket: bucket.name, configurationId: id, event, origin }
      this.#queue(webhook, `${bucket.id}/${event.key}`, details)
    }
  }

  /** Inside the write that puts a configuration: what S3 sends to each destination of a new one. */
  raiseTest(bucket: Bucket, webhook: string, origin: EventOrigin): void {
    this.#queue(webhook, `${bucket.id}/`, { kind: 'test', bucket: bucket.name, origin })
  }

  /** The oldest of a lane behind a sequence, in their order. */
  next(webhook: string, lane: number, after: number, limit: number): readonly QueuedEvent[] {
    return this.#all(
      `SELECT sequence, raised_at AS at, details FROM event
       WHERE webhook = ? AND lane = ? AND sequence > ? ORDER BY sequence LIMIT ?`,
      webhook,
      lane,
      after,
      limit,
    ).map((row) => toEvent(row as unknown as Row))
  }

  /** Inside a write. */
  remove(sequences: readonly number[]): void {
    for (const sequence of sequences) this.#index.prepare('DELETE FROM event WHERE sequence = ?').run(sequence)
  }

  /** Which webhooks events wait for, whether or not the server has one of that name. */
  webhooks(): readonly string[] {
    return this.#all('SELECT DISTINCT webhook FROM event').map(({ webhook }) => String(webhook))
  }

  waiting(webhook: string): WaitingEvents | undefined {
    const [row] = this.#all(
      'SELECT count(*) AS count, min(sequence) AS oldest FROM event WHERE webhook = ?',
      webhook,
    ) as unknown as readonly { readonly count: number; readonly oldest: number }[]
    if (row === undefined || row.count === 0) return undefined
    const [oldest] = this.#all('SELECT raised_at AS at FROM event WHERE sequence = ?', row.oldest)
    return { webhook, count: row.count, oldestAt: Number(oldest?.['at']) }
  }

  /** Those of a webhook that were raised first, in their order. */
  oldest(webhook: string, limit: number): readonly EventPlace[] {
    // By sequence: it is asked for where most events are this webhook's.
    return this.#all(
      'SELECT sequence, raised_at AS at FROM event NOT INDEXED WHERE webhook = ? ORDER BY sequence LIMIT ?',
      webhook,
      limit,
    ) as unknown as readonly EventPlace[]
  }

  #all(sql: string, ...values: (string | number)[]): Record<string, unknown>[] {
    return this.#index.prepare(sql).all(...values)
  }

  #queue(webhook: string, place: string, details: EventDetails): void {
    const lane = crc32(place) % EVENT_LANES
    this.#index
      .prepare('INSERT INTO event (sequence, webhook, lane, raised_at, details) VALUES (?, ?, ?, ?, ?)')
      .run(this.#index.nextSequence(), webhook, lane, details.origin.at, JSON.stringify(details))
    this.#listener(webhook, lane)
  }

  #configurationOf(bucketId: number): NotificationConfiguration | undefined {
    const document = this.#buckets.setting(bucketId, 'notification')
    if (document === undefined) return undefined
    let found = this.#configurations.get(document)
    if (found === undefined) {
      if (this.#configurations.size >= 1000) this.#configurations.clear()
      found = JSON.parse(document) as NotificationConfiguration
      this.#configurations.set(document, found)
    }
    return found
  }
}
