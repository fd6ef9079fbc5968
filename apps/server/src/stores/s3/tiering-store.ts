import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  DeleteBucketLifecycleCommand,
  GetBucketLifecycleConfigurationCommand,
  type LifecycleRule,
  PutBucketLifecycleConfigurationCommand,
  type S3Client,
  type TransitionDefaultMinimumObjectSize,
} from '@aws-sdk/client-s3'
import type { TieringRule } from '@skycrate/contract/storage/rule-schemas'
import { SMALLEST_MOVED } from '@skycrate/core/economics/simulate'
import type { BucketRules, TieringStore } from '../tiering-store.ts'
import { NONE } from './setting-failure.ts'
import { TIERING_RULES } from './setting-operations.ts'
import { storeFailure } from './store-failure.ts'

type At = <T>(bucket: string, doing: string, work: (client: S3Client) => Promise<T>) => Promise<T>
type Deadline = () => { readonly abortSignal: AbortSignal }

/** AWS shows rules to a following read a moment late. */
const READ_BACK_AFTER_MS = [0, 200, 1000]

interface Found {
  readonly all: readonly LifecycleRule[]
  readonly smallObjects: TransitionDefaultMinimumObjectSize | undefined
}

export function tieringStore(at: At, deadline: Deadline): TieringStore {
  const read = async (client: S3Client, bucket: string): Promise<Found> => {
    try {
      const found = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }), deadline())
      return { all: found.Rules ?? [], smallObjects: found.TransitionDefaultMinimumObjectSize }
    } catch (error) {
      const { code } = storeFailure(error)
      if (code !== 'NoSuchBucket' && NONE.has(code)) return { all: [], smallObjects: undefined }
      throw error
    }
  }
  const missing = (error: unknown): { readonly ok: false; readonly reason: 'no-such-bucket' } => {
    if (storeFailure(error).code === 'NoSuchBucket') return { ok: false, reason: 'no-such-bucket' }
    throw error
  }

  return {
    readTiering: (bucket) =>
      at(bucket, `read the lifecycle rules of the bucket ${bucket}`, async (client) => {
        try {
          return { ok: true, value: rulesOf(await read(client, bucket)) }
        } catch (error) {
          return missing(error)
        }
      }),

    changeTiering: (bucket, rules, version) =>
      at(bucket, `change the lifecycle rules of the bucket ${bucket}`, async (client) => {
        try {
          const found = await read(client, bucket)
          if (rulesOf(found).version !== version) return { ok: false, reason: 'changed' }
          const next = [...found.all.filter((rule) => !isOwn(rule)), ...rules.map(toLifecycle)]
          if (next.length > 0) {
            await client.send(
              new PutBucketLifecycleConfigurationCommand({
                Bucket: bucket,
                LifecycleConfiguration: { Rules: next },
                ...(found.smallObjects && { TransitionDefaultMinimumObjectSize: found.smallObjects }),
              }),
              deadline(),
            )
          } else if (found.all.length > 0) {
            // A store that does not know the sub-resource would take this for the bucket's own deletion; it has just
            // told of rules, so it does know.
            await client.send(new DeleteBucketLifecycleCommand({ Bucket: bucket }), deadline())
          }
          const wanted = identifiers(rules)
          for (const delay of READ_BACK_AFTER_MS) {
            if (delay > 0) await sleep(delay)
            const kept = rulesOf(await read(client, bucket))
            if (identifiers(kept.rules) === wanted) return { ok: true, value: kept }
          }
          return { ok: false, reason: 'not-kept' }
        } catch (error) {
          return missing(error)
        }
      }),
  }
}

const isOwn = ({ ID }: LifecycleRule): boolean => ID?.startsWith(TIERING_RULES) === true

const hash = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)

const identifiers = (rules: readonly TieringRule[]): string => rules.map(idOf).toSorted().join()

/** The same for the same rule, so that it is found again whatever a store makes of its form. */
function idOf(rule: TieringRule): string {
  const { prefix, minBytes, tag = null, state, afterDays, toClass } = rule
  return `${TIERING_RULES}${hash([prefix, minBytes, tag && [tag.key, tag.value], state, afterDays, toClass])}`
}

function rulesOf({ all }: Found): BucketRules {
  const own = all.filter(isOwn)
  const others = all.filter((rule) => !isOwn(rule) && rule.Status === 'Enabled')
  const least = (days: readonly (number | undefined)[]): number | null => {
    const found = days.filter((each) => each !== undefined)
    return found.length === 0 ? null : Math.min(...found)
  }
  return {
    rules: own.map(fromLifecycle),
    others: all.length - own.length,
    othersDelete: {
      noncurrent: least(others.map((rule) => rule.NoncurrentVersionExpiration?.NoncurrentDays)),
      upload: least(others.map((rule) => rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation)),
    },
    version: hash(all.toSorted((a, b) => ((a.ID ?? '') < (b.ID ?? '') ? -1 : 1))),
  }
}

function toLifecycle(rule: TieringRule): LifecycleRule {
  const { prefix, minBytes, tag, state, afterDays, toClass } = rule
  const storageClass = toClass as 'STANDARD_IA'
  // The store's own floor needs no words, and not every store has some for sizes.
  const size = minBytes > 0 && minBytes !== SMALLEST_MOVED ? { ObjectSizeGreaterThan: minBytes - 1 } : {}
  const tagged = tag === undefined ? [] : [{ Key: tag.key, Value: tag.value }]
  const predicates = Number(prefix !== '') + tagged.length + Object.keys(size).length
  return {
    ID: idOf(rule),
    Status: 'Enabled',
    Filter:
      predicates > 1
        ? { And: { Prefix: prefix, ...size, ...(tagged.length > 0 && { Tags: tagged }) } }
        : tagged[0] !== undefined
          ? { Tag: tagged[0] }
          : 'ObjectSizeGreaterThan' in size
            ? size
            : { Prefix: prefix },
    ...(state === 'current' && { Transitions: [{ Days: afterDays, StorageClass: storageClass }] }),
    ...(state === 'noncurrent' &&
      (toClass === null
        ? { NoncurrentVersionExpiration: { NoncurrentDays: afterDays } }
        : { NoncurrentVersionTransitions: [{ NoncurrentDays: afterDays, StorageClass: storageClass }] })),
    ...(state === 'upload' && { AbortIncompleteMultipartUpload: { DaysAfterInitiation: afterDays } }),
  }
}

function fromLifecycle(rule: LifecycleRule): TieringRule {
  const { Filter: filter, Transitions, NoncurrentVersionTransitions, NoncurrentVersionExpiration } = rule
  const tag = filter?.Tag ?? filter?.And?.Tags?.[0]
  const larger = filter?.ObjectSizeGreaterThan ?? filter?.And?.ObjectSizeGreaterThan
  const place = {
    prefix: filter?.Prefix ?? filter?.And?.Prefix ?? rule.Prefix ?? '',
    ...(tag && { tag: { key: tag.Key ?? '', value: tag.Value ?? '' } }),
  }
  const minBytes = larger === undefined ? SMALLEST_MOVED : larger + 1
  const moved = Transitions?.[0]
  if (moved) {
    return { ...place, minBytes, state: 'current', afterDays: moved.Days ?? 0, toClass: moved.StorageClass ?? null }
  }
  const old = NoncurrentVersionTransitions?.[0]
  if (old) {
    const { NoncurrentDays: afterDays = 0, StorageClass: toClass = null } = old
    return { ...place, minBytes, state: 'noncurrent', afterDays, toClass }
  }
  if (NoncurrentVersionExpiration) {
    const { NoncurrentDays: afterDays = 0 } = NoncurrentVersionExpiration
    return { ...place, minBytes: larger === undefined ? 0 : larger + 1, state: 'noncurrent', afterDays, toClass: null }
  }
  const afterDays = rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation ?? 0
  return { ...place, minBytes: 0, state: 'upload', afterDays, toClass: null }
}
