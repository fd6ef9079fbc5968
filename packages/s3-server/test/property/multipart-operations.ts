import { encodeKey } from '@skycrate/core/sigv4/encode'
import { describeAnswer, elements, textOf } from './answer.ts'
import { Difference } from './difference.ts'
import { UNKNOWN_TAG } from './key-event.ts'
import type { NamedPart } from './key-event.ts'
import { pickValue } from './object-operations.ts'
import type { RandomOperation } from './object-operations.ts'
import { remember } from './place.ts'
import type { KnownUpload, Place } from './place.ts'
import type { Random } from './random.ts'
import { pathOf } from './world.ts'
import type { World } from './world.ts'

const MIN_PART = 5 * 1024 ** 2
/** Uses of an upload that is over, which must be refused or answered as before. */
const LATE_USES = 2

const pickUpload = (world: World, random: Random): { place: Place; upload: KnownUpload } | undefined => {
  const open = world.buckets
    .flatMap(({ places }) => places)
    .flatMap((place) => place.uploads.map((upload) => ({ place, upload })))
  return open.length === 0 ? undefined : random.pick(open)
}

const noteEnd = (place: Place, upload: KnownUpload): void => {
  upload.uses += 1
  const at = place.uploads.indexOf(upload)
  if (upload.uses > LATE_USES && at !== -1) place.uploads.splice(at, 1)
}

const createAt = async (world: World, random: Random, place: Place): Promise<KnownUpload | undefined> => {
  const name = world.nextName()
  const { value, headers } = pickValue(random, name, place.bucket)
  const exchange = await world.send({ method: 'POST', path: pathOf(place), query: [['uploads', '']], headers })
  const { answer } = exchange
  const id = textOf(answer?.text ?? '', 'UploadId')
  const outcome = answer === undefined ? undefined : { ...describeAnswer(answer), uploadId: id }
  world.record(place, exchange, name, { kind: 'create-upload', value }, outcome)
  if (id === undefined) return undefined
  const upload = { id, parts: new Map<number, string>(), uses: 0 }
  place.uploads.push(upload)
  return upload
}

export const createUpload: RandomOperation = async (world, random) => {
  await createAt(world, random, world.pickPlace(random))
}

interface PartPlace {
  readonly place: Place
  readonly upload: KnownUpload
  readonly number: number
}

const partAt = async (world: World, { place, upload, number }: PartPlace, body: Buffer): Promise<void> => {
  const name = world.nextName()
  const etag = world.contents.add(body)
  const exchange = await world.send({
    method: 'PUT',
    path: pathOf(place),
    query: [
      ['partNumber', String(number)],
      ['uploadId', upload.id],
    ],
    body,
    payloadHash: 'UNSIGNED-PAYLOAD',
  })
  world.record(place, exchange, name, { kind: 'part', uploadId: upload.id, part: { number, etag } })
  if (exchange.answer?.status === 200) upload.parts.set(number, etag)
}

export const uploadPart: RandomOperation = async (world, random) => {
  const picked = pickUpload(world, random)
  if (picked === undefined) return createUpload(world, random)
  const number = 1 + random.int(3)
  const isLarge = number === 1 && random.chance(0.2)
  const body = world.makeBytes(random, isLarge ? MIN_PART : world.pickSize(random))
  await partAt(world, { ...picked, number }, body)
}

export const copyPart: RandomOperation = async (world, random) => {
  const picked = pickUpload(world, random)
  if (picked === undefined) return createUpload(world, random)
  const { place, upload } = picked
  const source = world.pickPlace(random)
  const name = world.nextName()
  const number = 1 + random.int(3)
  const start = random.int(3000)
  const end = start + 1 + random.int(5000)
  const exchange = await world.send({
    method: 'PUT',
    path: pathOf(place),
    query: [
      ['partNumber', String(number)],
      ['uploadId', upload.id],
    ],
    headers: {
      'x-amz-copy-source': `/${source.bucket.name}/${encodeKey(source.key)}`,
      'x-amz-copy-source-range': `bytes=${start}-${end - 1}`,
    },
  })
  if (exchange.answer === undefined) {
    world.record(place, exchange, name, { kind: 'part', uploadId: upload.id, part: { number, etag: UNKNOWN_TAG } })
    return
  }
  const outcome = describeAnswer(exchange.answer)
  const etag = outcome.status === 200 ? String(outcome['etag']) : undefined
  if (outcome['code'] !== 'NoSuchUpload') {
    const action = { kind: 'slice-copied', versionId: undefined, start, end, etag } as const
    world.record(source, exchange, `${name}-source`, action, outcome)
  }
  if (etag !== undefined || outcome['code'] === 'NoSuchUpload') {
    const part = { number, etag: etag ?? '' }
    world.record(place, exchange, name, { kind: 'part', uploadId: upload.id, part }, outcome)
  }
  if (etag === undefined) return
  if (!world.contents.learnSlice(etag, start, end)) {
    throw new Difference(`${pathOf(source)}: a part copy gave ${etag}, which is no part of anything that was sent`)
  }
  upload.parts.set(number, etag)
}

const namedParts = (random: Random, { parts }: KnownUpload): NamedPart[] => {
  const all = [...parts].map(([number, etag]) => ({ number, etag })).toSorted((a, b) => a.number - b.number)
  const some = random.chance(0.2) ? all.filter(() => random.chance(0.5)) : all
  if (some.length === 0) return [{ number: 1, etag: 'd41d8cd98f00b204e9800998ecf8427e' }]
  if (random.chance(0.1)) return some.map((part) => ({ ...part, etag: part.etag.replace(/^./, 'g') }))
  // Mostly what can be completed: large parts, then one of any size.
  return random.chance(0.5) ? some.slice(0, 1) : some
}

const completeAt = async (
  world: World,
  { place, upload }: Omit<PartPlace, 'number'>,
  parts: readonly NamedPart[],
  ifNoneMatch: string | undefined,
): Promise<void> => {
  const name = world.nextName()
  // Others may read the object before this client has its answer.
  if (parts.every(({ etag }) => world.contents.find(etag) !== undefined)) {
    world.contents.join(parts.map(({ etag }) => etag))
  }
  const xml = parts.map(({ number, etag }) => `<Part><PartNumber>${number}</PartNumber><ETag>"${etag}"</ETag></Part>`)
  const exchange = await world.send({
    method: 'POST',
    path: pathOf(place),
    query: [['uploadId', upload.id]],
    headers: ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch },
    body: `<CompleteMultipartUpload>${xml.join('')}</CompleteMultipartUpload>`,
  })
  world.record(place, exchange, name, { kind: 'complete', uploadId: upload.id, parts, ifNoneMatch })
  const status = exchange.answer?.status
  if (status === undefined || status === 400 || status === 412) return
  noteEnd(place, upload)
  if (status !== 200 || exchange.answer === undefined) return
  const outcome = describeAnswer(exchange.answer)
  remember(place.versionIds, outcome['versionId'])
  remember(place.etags, outcome['etag'])
}

export const complete: RandomOperation = async (world, random) => {
  const picked = pickUpload(world, random)
  if (picked === undefined) return createUpload(world, random)
  await completeAt(world, picked, namedParts(random, picked.upload), random.chance(0.1) ? '*' : undefined)
}

/** An upload from beginning to end, its parts out of order and one of them sent twice. */
export const wholeUpload: RandomOperation = async (world, random) => {
  const place = world.pickPlace(random)
  const upload = await createAt(world, random, place)
  if (upload === undefined) return
  for (const number of [2, 1, 2]) {
    const size = number === 1 ? MIN_PART : world.pickSize(random)
    await partAt(world, { place, upload, number }, world.makeBytes(random, size))
  }
  const parts = [...upload.parts].map(([number, etag]) => ({ number, etag })).toSorted((a, b) => a.number - b.number)
  if (parts.length > 0) await completeAt(world, { place, upload }, parts, undefined)
}

export const abort: RandomOperation = async (world, random) => {
  const picked = pickUpload(world, random)
  if (picked === undefined) return createUpload(world, random)
  const { place, upload } = picked
  const name = world.nextName()
  const exchange = await world.send({ method: 'DELETE', path: pathOf(place), query: [['uploadId', upload.id]] })
  world.record(place, exchange, name, { kind: 'abort', uploadId: upload.id })
  if (exchange.answer !== undefined) noteEnd(place, upload)
}

export const listParts: RandomOperation = async (world, random) => {
  const picked = pickUpload(world, random)
  if (picked === undefined) return createUpload(world, random)
  const { place, upload } = picked
  const exchange = await world.send({ path: pathOf(place), query: [['uploadId', upload.id]] })
  if (exchange.answer === undefined) return
  const shown = elements(exchange.answer.text, 'Part').map((xml) =>
    [textOf(xml, 'PartNumber'), textOf(xml, 'ETag')?.replaceAll('"', ''), textOf(xml, 'Size')].join(':'),
  )
  const outcome = { ...describeAnswer(exchange.answer), parts: shown.join() }
  world.record(place, exchange, world.nextName(), { kind: 'parts-listed', uploadId: upload.id }, outcome)
}
