import { encodeKey } from '@skycrate/core/sigv4/encode'
import type { RawAnswer, RawRequest } from '../raw-request.ts'
import { describeAnswer } from './answer.ts'
import { ContentBook } from './content-book.ts'
import { Difference } from './difference.ts'
import type { Action, Outcome } from './key-event.ts'
import { KeyHistory } from './key-history.ts'
import type { BucketUnderTest, Place } from './place.ts'
import type { Random } from './random.ts'
import type { Exchange, StoreUnderTest } from './store-under-test.ts'

const KEYS = ['a', 'a/', 'a/b', 'a/b/c', 'a0', 'b//c', 'é ü/+', '\u{1f600}', '\uff5e/x', 'z&<\u0001>']

/** Sizes near which something changes: nothing, cipher blocks, disk pages, where small blobs end, frames. */
const EDGES = [0, 1, 16, 4096, 8192, 16_384, 32_768, 65_536, 131_072]
const POOL_BYTES = 6 * 1024 ** 2

export const pathOf = ({ bucket, key }: Place): string => `/${bucket.name}/${encodeKey(key)}`

/** The buckets of one epoch, and all that is known of them. */
export class World {
  readonly store: StoreUnderTest
  readonly contents = new ContentBook()
  readonly isSequential: boolean
  readonly buckets: readonly BucketUnderTest[]
  readonly #pool: Buffer
  #count = 0

  constructor(store: StoreUnderTest, label: string, isSequential: boolean, random: Random) {
    this.store = store
    this.isSequential = isSequential
    this.#pool = random.bytes(POOL_BYTES)
    this.buckets = (['plain', 'versions', 'locked'] as const).map((kind) => {
      const places: Place[] = []
      const bucket: BucketUnderTest = {
        name: `${label}-${kind}`,
        isLocked: kind === 'locked',
        places,
        versioning: kind === 'locked' ? 'Enabled' : 'Unversioned',
      }
      for (const key of KEYS) {
        const history = new KeyHistory(`${bucket.name}/${key}`, this.contents, isSequential)
        places.push({ bucket, key, history, versionIds: [], etags: [], uploads: [] })
      }
      return bucket
    })
  }

  nextName(): string {
    this.#count += 1
    return `o${this.#count}`
  }

  /** Bytes that were never sent before, unless they are very few. */
  makeBytes(random: Random, size: number): Buffer {
    const at = random.int(POOL_BYTES - size)
    const bytes = Buffer.from(this.#pool.subarray(at, at + size))
    random.bytes(Math.min(8, size)).copy(bytes)
    return bytes
  }

  pickSize(random: Random): number {
    if (random.chance(0.4)) return Math.max(0, random.pick(EDGES) + random.int(5) - 2)
    return random.int(random.chance(0.15) ? 300_000 : 12_000)
  }

  /** Few keys are asked for most. */
  pickPlace(random: Random, bucket: BucketUnderTest = random.pick(this.buckets)): Place {
    const place = bucket.places[random.chance(0.6) ? random.int(2) : random.int(bucket.places.length)]
    if (place === undefined) throw new Error('a bucket without keys')
    return place
  }

  send(request: RawRequest): Promise<Exchange> {
    return this.store.send(request)
  }

  /** Enters what happened to a key; an outcome that is not given is read off the answer. */
  record(place: Place, exchange: Exchange, name: string, action: Action, outcome?: Outcome): void {
    const { start, end, answer } = exchange
    place.history.record({
      start,
      end,
      name,
      action,
      isLost: answer === undefined,
      versioning: place.bucket.versioning,
      outcome: answer === undefined ? undefined : (outcome ?? describeAnswer(answer)),
    })
  }

  /** That the bytes are those which the tag and range say. @throws Difference */
  checkBody(path: string, { status, headers, body }: RawAnswer): void {
    const tag = String(headers.etag).replaceAll('"', '')
    const content = this.contents.find(tag)
    if (content === undefined) throw new Difference(`${path} has the tag ${tag} of nothing that was ever sent`)
    const [, from, to] = /^bytes ([0-9]+)-([0-9]+)\//.exec(status === 206 ? (headers['content-range'] ?? '') : '') ?? []
    const expected = from === undefined ? content.bytes : content.bytes.subarray(Number(from), Number(to) + 1)
    if (!body.equals(expected)) {
      throw new Difference(`${path}: ${body.length} bytes that are not those of ${tag} (${expected.length} bytes)`)
    }
  }
}
