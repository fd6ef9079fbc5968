import { describeAnswer, elements, textOf } from './answer.ts'
import { Difference } from './difference.ts'
import { UNKNOWN_TAG } from './key-event.ts'
import type { Conditions, Value } from './key-event.ts'
import { currentVersion } from './key-state.ts'
import { recall, remember } from './place.ts'
import type { BucketUnderTest, Place } from './place.ts'
import type { Random } from './random.ts'
import { pathOf } from './world.ts'
import type { World } from './world.ts'

/** One random request, sent and entered into the histories of the keys it is about. */
export type RandomOperation = (world: World, random: Random) => Promise<void>

const DATES = ['2100-01-01T00:00:00.000Z', '2101-01-01T00:00:00.000Z']

const pickTags = (random: Random): string =>
  random.chance(0.6) ? '' : Array.from({ length: 1 + random.int(2) }, (_, at) => `t${at}=${random.int(1000)}`).join('&')

/** What an upload asks for beside its bytes, and the headers that say so. */
export const pickValue = (
  random: Random,
  writer: string,
  { isLocked }: BucketUnderTest,
): { readonly value: Omit<Value, 'etag'>; readonly headers: Record<string, string> } => {
  const encrypted = random.chance(0.3)
  const tags = pickTags(random)
  const mode = isLocked && random.chance(0.25) ? 'GOVERNANCE' : ''
  const date = random.pick(DATES)
  const hold = isLocked && random.chance(0.1) ? 'ON' : ''
  return {
    value: { writer, encrypted, tags, retention: mode === '' ? '' : `${mode} ${date}`, hold },
    headers: {
      'x-amz-meta-writer': writer,
      ...(encrypted ? { 'x-amz-server-side-encryption': 'AES256' } : {}),
      ...(tags === '' ? {} : { 'x-amz-tagging': tags }),
      ...(mode === '' ? {} : { 'x-amz-object-lock-mode': mode, 'x-amz-object-lock-retain-until-date': date }),
      ...(hold === '' ? {} : { 'x-amz-object-lock-legal-hold': hold }),
    },
  }
}

const conditionHeaders = ({ ifMatch, ifNoneMatch }: Conditions): Record<string, string> => ({
  ...(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` }),
  ...(ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch === '*' ? '*' : `"${ifNoneMatch}"` }),
})

const versionQuery = (versionId: string | undefined): [string, string][] =>
  versionId === undefined ? [] : [['versionId', versionId]]

const putAt = async (world: World, random: Random, place: Place, conditions: Conditions): Promise<void> => {
  const name = world.nextName()
  const body = world.makeBytes(random, world.pickSize(random))
  const { value, headers } = pickValue(random, name, place.bucket)
  const etag = world.contents.add(body)
  const exchange = await world.send({
    method: 'PUT',
    path: pathOf(place),
    body,
    headers: { ...headers, ...conditionHeaders(conditions) },
    ...(random.chance(0.5) ? { payloadHash: 'UNSIGNED-PAYLOAD' } : {}),
  })
  world.record(place, exchange, name, { kind: 'put', value: { ...value, etag }, conditions })
  if (exchange.answer?.status !== 200) return
  remember(place.etags, etag)
  remember(place.versionIds, exchange.answer.headers['x-amz-version-id'])
}

export const put: RandomOperation = async (world, random) => {
  const place = world.pickPlace(random)
  const conditions: Conditions = random.chance(0.15)
    ? { ifNoneMatch: '*' }
    : { ifMatch: recall(random, place.etags, 0.15) }
  await putAt(world, random, place, conditions)
}

/** Writes at once on the same condition, of which one at most can have its way. */
export const race: RandomOperation = async (world, random) => {
  const place = world.pickPlace(random)
  const latest = place.etags.at(-1)
  const conditions: Conditions = latest === undefined || random.chance(0.4) ? { ifNoneMatch: '*' } : { ifMatch: latest }
  const racers = world.isSequential ? 1 : 3
  await Promise.all(Array.from({ length: racers }, () => putAt(world, random, place, conditions)))
}

/** Where the second part of an upload usually begins. */
const PART_END = 5 * 1024 ** 2

const pickRange = (world: World, random: Random): string => {
  // Within an object of one piece, or where an uploaded one's parts meet.
  const size = random.chance(0.15) ? PART_END + random.int(40) : world.pickSize(random)
  const from = size > PART_END ? PART_END - 20 + random.int(30) : random.int(size + 2)
  return random.weighted([
    [3, `bytes=${from}-${from + random.int(size + 2)}`],
    [2, `bytes=${from}-`],
    [2, `bytes=-${random.int(size + 2)}`],
    [1, `bytes=${from + 1}-${from}`],
  ])
}

export const read: RandomOperation = async (world, random) => {
  const place = world.pickPlace(random)
  const isHead = random.chance(0.25)
  const versionId = recall(random, place.versionIds, 0.3)
  const partNumber = random.chance(0.1) ? 1 + random.int(3) : undefined
  const range = partNumber === undefined && random.chance(0.35) ? pickRange(world, random) : undefined
  const conditions: Conditions = {
    ifMatch: recall(random, place.etags, 0.1),
    ifNoneMatch: recall(random, place.etags, 0.1),
  }
  const query = versionQuery(versionId)
  if (partNumber !== undefined) query.push(['partNumber', String(partNumber)])
  const exchange = await world.send({
    method: isHead ? 'HEAD' : 'GET',
    path: pathOf(place),
    query,
    headers: { ...(range === undefined ? {} : { range }), ...conditionHeaders(conditions) },
  })
  if (exchange.answer === undefined) return
  const action = { kind: 'read', isHead, versionId, range, partNumber, conditions } as const
  world.record(place, exchange, world.nextName(), action)
  const { status } = exchange.answer
  if (!isHead && (status === 200 || status === 206)) world.checkBody(pathOf(place), exchange.answer)
}

export const remove: RandomOperation = async (world, random) => {
  const place = world.pickPlace(random)
  const name = world.nextName()
  const versionId = recall(random, place.versionIds, 0.45)
  const ifMatch = recall(random, place.etags, 0.1)
  const bypass = place.bucket.isLocked && random.chance(0.5)
  const exchange = await world.send({
    method: 'DELETE',
    path: pathOf(place),
    query: versionQuery(versionId),
    headers: {
      ...conditionHeaders({ ifMatch }),
      ...(bypass ? { 'x-amz-bypass-governance-retention': 'true' } : {}),
    },
  })
  world.record(place, exchange, name, { kind: 'delete', versionId, bypass, ifMatch })
  if (versionId === undefined) remember(place.versionIds, exchange.answer?.headers['x-amz-version-id'])
}

export const escapeXml = (text: string): string =>
  text.replace(/[&<\p{Cc}]/gu, (character) => `&#${character.charCodeAt(0)};`)

export const removeMany: RandomOperation = async (world, random) => {
  const bucket = random.pick(world.buckets)
  const bypass = bucket.isLocked && random.chance(0.5)
  const targets = Array.from({ length: 1 + random.int(4) }, () => {
    const place = world.pickPlace(random, bucket)
    return { place, versionId: recall(random, place.versionIds, 0.6), name: world.nextName() }
  })
  const items = targets.map(
    ({ place: { key }, versionId }) =>
      `<Object><Key>${escapeXml(key)}</Key>${versionId === undefined ? '' : `<VersionId>${versionId}</VersionId>`}</Object>`,
  )
  const exchange = await world.send({
    method: 'POST',
    path: `/${bucket.name}`,
    query: [['delete', '']],
    body: `<Delete>${items.join('')}</Delete>`,
    headers: bypass ? { 'x-amz-bypass-governance-retention': 'true' } : {},
  })
  const { answer } = exchange
  if (answer !== undefined && answer.status !== 200) throw new Difference(`DeleteObjects: ${answer.text}`)
  const results = [...(answer?.text ?? '').matchAll(/<(Deleted|Error)>(.*?)<\/\1>/gs)]
  if (answer !== undefined && results.length !== targets.length) throw new Difference(`DeleteObjects: ${answer.text}`)
  for (const [at, { place, versionId, name }] of targets.entries()) {
    const [, kind, xml = ''] = results[at] ?? []
    const isMarker = textOf(xml, 'DeleteMarker') === 'true' ? true : undefined
    const markerId = textOf(xml, 'DeleteMarkerVersionId')
    const outcome =
      kind === 'Error'
        ? { status: 403, code: textOf(xml, 'Code') }
        : { status: 204, isMarker, versionId: markerId ?? textOf(xml, 'VersionId') }
    world.record(place, exchange, name, { kind: 'delete', versionId, bypass, ifMatch: undefined }, outcome)
    if (versionId === undefined) remember(place.versionIds, markerId)
  }
}

/** What a copy may keep of its source, where that is known for certain. */
const certainSource = (source: Place, versionId: string | undefined): Value | undefined => {
  const state = source.history.certain()
  if (state === undefined) return undefined
  const version = versionId === undefined ? currentVersion(state) : state.versions.find(({ id }) => id === versionId)
  return version?.isMarker === true ? undefined : version
}

export const copy: RandomOperation = async (world, random) => {
  const source = world.pickPlace(random)
  const place = world.pickPlace(random)
  const name = world.nextName()
  const versionId = recall(random, source.versionIds, 0.3)
  const picked = pickValue(random, name, place.bucket)
  const kept = source !== place && random.chance(0.5) ? certainSource(source, versionId) : undefined
  const value = kept === undefined ? picked.value : { ...picked.value, writer: kept.writer, tags: kept.tags }
  const directive = kept === undefined ? 'REPLACE' : 'COPY'
  const ifNoneMatch = random.chance(0.15) ? '*' : undefined
  const exchange = await world.send({
    method: 'PUT',
    path: pathOf(place),
    headers: {
      ...picked.headers,
      ...conditionHeaders({ ifNoneMatch }),
      'x-amz-copy-source': `${pathOf(source)}${versionId === undefined ? '' : `?versionId=${versionId}`}`,
      'x-amz-metadata-directive': directive,
      'x-amz-tagging-directive': directive,
    },
  })
  const { answer } = exchange
  const outcome = answer === undefined ? undefined : describeAnswer(answer)
  // Overwritten while it was being copied: the client may try again, and nothing was done.
  if (outcome?.status === 503 && !world.isSequential) return
  const etag = outcome?.status === 200 ? String(outcome['etag']) : undefined
  const isOfTarget = outcome === undefined || outcome.status === 200 || outcome.status === 412
  if (outcome !== undefined && outcome.status !== 412) {
    const action = { kind: 'copied', versionId, etag } as const
    world.record(source, exchange, `${name}-source`, action, outcome)
  }
  if (!isOfTarget) return
  world.record(
    place,
    exchange,
    name,
    { kind: 'put', value: { ...value, etag: etag ?? UNKNOWN_TAG }, conditions: { ifNoneMatch } },
    outcome,
  )
  if (outcome?.status !== 200) return
  remember(place.etags, etag)
  remember(place.versionIds, outcome['versionId'])
}

const writeTagging = (tags: string): string =>
  `<Tagging><TagSet>${tags
    .split('&')
    .map((tag) => tag.split('='))
    .map(([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`)
    .join('')}</TagSet></Tagging>`

export const tag: RandomOperation = async (world, random) => {
  const place = world.pickPlace(random)
  const name = world.nextName()
  const versionId = recall(random, place.versionIds, 0.4)
  const tags = random.chance(0.5) ? undefined : pickTags(random)
  const exchange = await world.send({
    method: tags === undefined ? 'GET' : tags === '' ? 'DELETE' : 'PUT',
    path: pathOf(place),
    query: [['tagging', ''], ...versionQuery(versionId)],
    body: tags === undefined || tags === '' ? '' : writeTagging(tags),
  })
  const { answer } = exchange
  if (answer === undefined && tags === undefined) return
  const shown = elements(answer?.text ?? '', 'Tag').map((xml) => `${textOf(xml, 'Key')}=${textOf(xml, 'Value')}`)
  const outcome = answer === undefined ? undefined : { ...describeAnswer(answer), tags: shown.join('&') }
  world.record(place, exchange, name, { kind: 'tag', versionId, tags }, outcome)
}

export const lock: RandomOperation = async (world, random) => {
  const bucket = world.buckets.find(({ isLocked }) => isLocked)
  const place = world.pickPlace(random, bucket)
  const name = world.nextName()
  const versionId = recall(random, place.versionIds, 0.5)
  if (random.chance(0.4)) {
    const hold = random.chance(0.3) ? 'ON' : 'OFF'
    const exchange = await world.send({
      method: 'PUT',
      path: pathOf(place),
      query: [['legal-hold', ''], ...versionQuery(versionId)],
      body: `<LegalHold><Status>${hold}</Status></LegalHold>`,
    })
    world.record(place, exchange, name, { kind: 'hold', versionId, hold })
    return
  }
  const mode = random.weighted([
    [8, 'GOVERNANCE'],
    [1, 'COMPLIANCE'],
    [5, ''],
  ])
  const date = random.pick(DATES)
  const bypass = random.chance(0.6)
  const exchange = await world.send({
    method: 'PUT',
    path: pathOf(place),
    query: [['retention', ''], ...versionQuery(versionId)],
    headers: bypass ? { 'x-amz-bypass-governance-retention': 'true' } : {},
    body:
      mode === ''
        ? '<Retention></Retention>'
        : `<Retention><Mode>${mode}</Mode><RetainUntilDate>${date}</RetainUntilDate></Retention>`,
  })
  const retention = mode === '' ? '' : `${mode} ${date}`
  world.record(place, exchange, name, { kind: 'retain', versionId, retention, bypass })
}
