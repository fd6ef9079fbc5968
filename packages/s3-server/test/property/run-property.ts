import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runVerb } from '../run-verb.ts'
import { elements } from './answer.ts'
import { Difference } from './difference.ts'
import { listObjects, listUploads, listVersions, recordVersions } from './list-operations.ts'
import { abort, complete, copyPart, createUpload, listParts, uploadPart, wholeUpload } from './multipart-operations.ts'
import { copy, escapeXml, lock, put, race, read, remove, removeMany, tag } from './object-operations.ts'
import type { RandomOperation } from './object-operations.ts'
import { Random } from './random.ts'
import { StoreUnderTest } from './store-under-test.ts'
import { readEverything, settle } from './settle.ts'
import { World } from './world.ts'

export interface PropertyOptions {
  readonly seed: string
  readonly operations: number
  readonly clients: number
  /** Whether each kill is a loss of power too: what was not synced may be gone. */
  readonly losesPower?: boolean
  /** Begins here: an epoch has buckets and choices of its own, and can be run again by itself. */
  readonly firstEpoch?: number
  /** Told after each epoch. */
  readonly onEpoch?: (report: PropertyReport) => void
}

export interface PropertyReport {
  readonly operations: number
  readonly epochs: number
  /** How often the server was killed in the midst of requests. */
  readonly kills: number
  /** Keys for whose history no order was found in time, nor that there is none. */
  readonly undecided: number
}

const EPOCH = 600
const OPERATIONS: readonly (readonly [weight: number, operation: RandomOperation])[] = [
  [26, put],
  [2, race],
  [24, read],
  [10, remove],
  [4, removeMany],
  [8, copy],
  [7, tag],
  [4, lock],
  [6, listObjects],
  [4, listVersions],
  [1, listUploads],
  [3, createUpload],
  [6, uploadPart],
  [3, copyPart],
  [4, complete],
  [1, abort],
  [1, wholeUpload],
  [2, listParts],
]

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

const createBuckets = async (world: World): Promise<void> => {
  for (const { name, isLocked } of world.buckets) {
    const headers = isLocked ? { 'x-amz-bucket-object-lock-enabled': 'true' } : {}
    const { answer } = await world.send({ method: 'PUT', path: `/${name}`, headers })
    if (answer?.status !== 200) throw new Difference(`CreateBucket ${name}: ${answer?.text}`)
  }
}

/** Switches versions on or off while nothing else is under way, sometimes with a kill. Gives whether it was killed. */
const switchVersions = async (world: World, random: Random): Promise<boolean> => {
  const bucket = world.buckets.find(({ name }) => name.endsWith('-versions'))
  if (bucket === undefined || random.chance(0.4)) return false
  const wanted = random.chance(0.6) ? 'Enabled' : 'Suspended'
  const killing = random.chance(0.1) ? sleep(random.int(4)).then(() => world.store.kill()) : undefined
  const body = `<VersioningConfiguration><Status>${wanted}</Status></VersioningConfiguration>`
  const { answer } = await world.send({ method: 'PUT', path: `/${bucket.name}`, query: [['versioning', '']], body })
  await killing
  if (answer !== undefined && answer.status !== 200) throw new Difference(answer.text)
  if (killing !== undefined) await world.store.start()
  const shown = await world.send({ path: `/${bucket.name}`, query: [['versioning', '']] })
  const [status = 'Unversioned'] = elements(shown.answer?.text ?? '', 'Status')
  const isAllowed = status === wanted || (answer === undefined && status === bucket.versioning)
  if (!isAllowed) throw new Difference(`${bucket.name} has versions ${status}, after ${wanted} was set`)
  bucket.versioning = status === 'Unversioned' ? status : status === 'Enabled' ? 'Enabled' : 'Suspended'
  return killing !== undefined
}

const pickOperation = (world: World, random: Random): Promise<void> => random.weighted(OPERATIONS)(world, random)

/** Clients at work until they have done their share, or the server is killed under them. Gives how much they did. */
const runPhase = async (world: World, random: Random, clients: number, most: number): Promise<number> => {
  const count = Math.min(most, 20 + random.int(200))
  const killAt = random.chance(0.6) ? random.int(count) : undefined
  let begun = 0
  let killing: Promise<void> | undefined
  const client = async (choices: Random): Promise<void> => {
    while (begun < count && !world.store.isKilled) {
      if (begun === killAt) killing = sleep(choices.int(60) / 4).then(() => world.store.kill())
      begun += 1
      await pickOperation(world, choices)
    }
  }
  const labels = Array.from({ length: clients }, () => `${random.int(2 ** 30)}`)
  await Promise.all(labels.map((label) => client(new Random(label))))
  await killing
  return begun
}

/** Empties what can be emptied, and takes the bucket away: not before it is empty. */
const deleteBucket = async (world: World, name: string): Promise<void> => {
  const bucket = world.buckets.find((candidate) => candidate.name === name)
  if (bucket === undefined) throw new Error(name)
  const rows = await recordVersions(world, bucket)
  if (rows.length > 0) {
    const early = await world.send({ method: 'DELETE', path: `/${name}` })
    if (early.answer?.code !== 'BucketNotEmpty')
      throw new Difference(`${name} with ${rows.length}: ${early.answer?.text}`)
    const items = rows.map(({ key, id }) => `<Object><Key>${escapeXml(key)}</Key><VersionId>${id}</VersionId></Object>`)
    const body = `<Delete><Quiet>true</Quiet>${items.join('')}</Delete>`
    await world.send({ method: 'POST', path: `/${name}`, query: [['delete', '']], body })
  }
  const { answer } = await world.send({ method: 'DELETE', path: `/${name}` })
  if (answer?.status !== 204) throw new Difference(`DeleteBucket ${name}: ${answer?.text}`)
}

interface EpochResult {
  readonly operations: number
  readonly kills: number
  readonly undecided: number
}

const runEpoch = async (
  store: StoreUnderTest,
  label: string,
  clients: number,
  most: number,
  random: Random,
): Promise<EpochResult> => {
  const world = new World(store, label, clients === 1, random)
  let operations = 0
  let kills = 0
  await createBuckets(world)
  while (operations < most) {
    if (await switchVersions(world, random)) kills += 1
    operations += await runPhase(world, random, clients, most - operations)
    if (!store.isKilled) continue
    kills += 1
    await store.start()
    await settle(world)
  }
  await settle(world)
  await readEverything(world)
  let undecided = 0
  for (const { history } of world.buckets.flatMap(({ places }) => places)) if (!history.check()) undecided += 1
  for (const { name, isLocked } of world.buckets) if (!isLocked && random.chance(0.8)) await deleteBucket(world, name)
  return { operations, kills, undecided }
}

/** That the directory, with the server stopped, is whole to the last byte and holds no upload. @throws Difference */
const checkDirectory = async (dataDir: string): Promise<void> => {
  const { code, output, errors } = await runVerb('check', '--data', dataDir, '--deep')
  if (code !== 0) throw new Difference(`check: ${output}${errors}`)
  const left = await readdir(join(dataDir, 'tmp'))
  if (left.length > 0) throw new Difference(`left in tmp: ${left.join(', ')}`)
}

/**
 * Random operations, by one client or several at once, against a server that is killed now and then, held against the
 * model. The same seed makes the same choices; what several clients do at once still differs from run to run.
 *
 * @throws Difference whose message tells the seed and the epoch
 */
export const runProperty = async (options: PropertyOptions): Promise<PropertyReport> => {
  const { seed, operations: wanted, clients, losesPower = false, firstEpoch = 0, onEpoch } = options
  const dataDir = await mkdtemp(join(tmpdir(), 's3-property-'))
  await using store = new StoreUnderTest(dataDir, losesPower ? new Random(`power of ${seed}`) : undefined)
  await store.start()
  let report: PropertyReport = { operations: 0, epochs: 0, kills: 0, undecided: 0 }
  for (let epoch = firstEpoch; report.operations < wanted; epoch++) {
    try {
      const most = Math.min(EPOCH, wanted - report.operations)
      const done = await runEpoch(store, `e${epoch}`, clients, most, new Random(`${seed}/${epoch}`))
      report = {
        operations: report.operations + done.operations,
        epochs: report.epochs + 1,
        kills: report.kills + done.kills,
        undecided: report.undecided + done.undecided,
      }
    } catch (error) {
      if (!(error instanceof Difference)) throw error
      throw new Difference(
        `${error.message}
Again: --seed ${seed} --clients ${clients} --epoch ${epoch} --operations ${EPOCH}${losesPower ? ' --power' : ''}; its data: ${dataDir}`,
      )
    }
    onEpoch?.(report)
  }
  await store.stop()
  await checkDirectory(dataDir)
  await rm(dataDir, { recursive: true })
  await rm(`${dataDir}.syncs`, { force: true })
  return report
}
