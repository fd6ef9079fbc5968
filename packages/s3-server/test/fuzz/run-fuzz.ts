import { readdir, readFile, readlink } from 'node:fs/promises'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Random } from '../property/random.ts'
import { send } from '../raw-request.ts'
import { runVerb } from '../run-verb.ts'
import { startServerProcess } from '../server-process.ts'
import { CASES } from './cases.ts'
import type { FuzzTarget } from './cases.ts'
import { judge } from './judge.ts'
import { transmit } from './wire.ts'

export interface FuzzOptions {
  readonly seed: string
  readonly cases: number
  /** Begins here. */
  readonly firstCase?: number
  /** Connections at once. */
  readonly clients: number
  readonly onProgress?: (report: FuzzReport) => void
}

export interface FuzzReport {
  readonly cases: number
  /** How often each code or status was answered; `cut` for an answer that had no end, '' for none. */
  readonly answers: ReadonlyMap<string, number>
  /** Resident bytes of the server after it had got warm, and now; 0 where the system does not tell. */
  readonly warmBytes: number
  readonly bytes: number
}

const WARM = 0.3
/** By how much a process that leaks nothing may still grow. */
const GROWTH = 128 * 1024 ** 2

/** Something that the server must not do, with the bytes that made it. */
class FuzzFailure extends Error {
  override readonly name = 'FuzzFailure'
}

const residentBytes = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/VmRSS:\s*([0-9]+) kB/.exec(status)?.[1] ?? 0) * 1024
}

/** Sockets, and files under tmp and blobs, that a process has open. */
const openHandles = async (pid: number, dataDir: string): Promise<string[]> => {
  const folder = `/proc/${pid}/fd`
  const names = await readdir(folder).catch((): string[] => [])
  const targets = await Promise.all(names.map((name) => readlink(join(folder, name)).catch(() => '')))
  return targets.filter((target) => ['tmp/', 'blobs/'].some((part) => target.startsWith(join(dataDir, part))))
}

const prepare = async (url: string): Promise<FuzzTarget> => {
  for (const bucket of ['fuzz', 'fuzz-settings']) await send(url, { method: 'PUT', path: `/${bucket}` })
  const headers = { 'x-amz-bucket-object-lock-enabled': 'true' }
  await send(url, { method: 'PUT', path: '/fuzz-locked', headers })
  for (const bucket of ['fuzz', 'fuzz-locked']) await send(url, { method: 'PUT', path: `/${bucket}/key`, body: 'a' })
  const begun = await send(url, { method: 'POST', path: '/fuzz/upload', query: [['uploads', '']] })
  return { url, uploadId: /<UploadId>([^<]*)</.exec(begun.text)?.[1] ?? '' }
}

/** The bytes in a few pieces, now and then with what is left out at the end. */
const cut = (random: Random, bytes: Buffer): { pieces: Buffer[]; isShort: boolean } => {
  const isShort = random.chance(0.05)
  let rest = isShort ? bytes.subarray(0, random.int(bytes.length + 1)) : bytes
  const pieces: Buffer[] = []
  for (
    let left = random.weighted([
      [8, 0],
      [2, 1],
      [1, 8],
    ]);
    left > 0 && rest.length > 0;
    left--
  ) {
    const at = random.int(rest.length)
    pieces.push(rest.subarray(0, at))
    rest = rest.subarray(at)
  }
  return { pieces: [...pieces, rest], isShort }
}

/**
 * Sends odd bytes to a server process and judges every answer, then the process and its directory.
 *
 * @throws FuzzFailure, whose message holds the bytes
 */
export const runFuzz = async ({
  seed,
  cases,
  firstCase = 0,
  clients,
  onProgress,
}: FuzzOptions): Promise<FuzzReport> => {
  const dataDir = await mkdtemp(join(tmpdir(), 's3-fuzz-'))
  await using server = await startServerProcess(dataDir)
  const { url, child } = server
  const pid = child.pid ?? 0
  const port = Number(new URL(url).port)
  const target = await prepare(url)
  const answers = new Map<string, number>()
  let begun = 0
  let warmBytes = 0

  const attempt = async (at: number): Promise<void> => {
    const random = new Random(`${seed}/${at}`)
    const { kind, bytes, isBodiless } = random.weighted(CASES)(random, target)
    const { pieces, isShort } = cut(random, bytes)
    const isCut = random.chance(0.03)
    // Whether it is a request to its end, which must be answered.
    const isWhole = !isShort && kind !== 'raw' && kind !== 'framing'
    const got = await transmit(port, {
      pieces,
      pause: random.chance(0.1) ? 5 : 0,
      quiet: isWhole ? 15_000 : 300,
      isCut,
    })
    const fail = (why: string): FuzzFailure => {
      const shown = bytes.length > 6000 ? `${bytes.toString('latin1', 0, 6000)}…` : bytes.toString('latin1')
      return new FuzzFailure(
        `${kind}, case ${at} of seed ${seed}: ${why}\n--- ${bytes.length} bytes\n${JSON.stringify(shown)}\n${server.errors()}`,
      )
    }
    if (child.exitCode !== null || child.signalCode !== null) throw fail('the server ended')
    if (!got.isOver) throw fail(`no end in time after ${JSON.stringify(got.bytes.toString('latin1').slice(0, 2000))}`)
    const verdict = judge(got.bytes, isBodiless, isCut || !isWhole)
    if (verdict.verdict === 'bad') throw fail(verdict.why)
    if (verdict.answers.length === 0 && !isCut && isWhole) throw fail('no answer')
    for (const answer of verdict.answers) answers.set(answer, (answers.get(answer) ?? 0) + 1)
  }

  const report = async (): Promise<FuzzReport> => ({
    cases: begun,
    answers,
    warmBytes,
    bytes: await residentBytes(pid),
  })
  const client = async (): Promise<void> => {
    while (begun < cases) {
      const at = firstCase + begun++
      await attempt(at)
      if (at === Math.floor(cases * WARM)) warmBytes = await residentBytes(pid)
      if (at % 5000 === 4999) onProgress?.(await report())
    }
  }
  await Promise.all(Array.from({ length: clients }, client))

  const alive = await send(url, { path: '/fuzz/upload', query: [['uploadId', target.uploadId]] })
  // A case may have deleted the upload, and the bucket with it.
  if (alive.status !== 200 && !['NoSuchUpload', 'NoSuchBucket'].includes(alive.code)) {
    throw new FuzzFailure(`in the end: ${alive.text}`)
  }
  // Files are closed and deleted beside the answers.
  for (let tries = 0; ; tries++) {
    const open = [...(await openHandles(pid, dataDir)), ...(await readdir(join(dataDir, 'tmp')))]
    if (open.length === 0) break
    if (tries > 200) throw new FuzzFailure(`still open or left: ${open.join(', ')}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  const done = await report()
  if (done.bytes > warmBytes + GROWTH) throw new FuzzFailure(`grew from ${warmBytes} to ${done.bytes} bytes`)
  const code = await server.stop('SIGTERM')
  if (code !== 0 || server.errors() !== '') throw new FuzzFailure(`ended with ${code}: ${server.errors()}`)
  const check = await runVerb('check', '--data', dataDir, '--deep')
  if (check.code !== 0) throw new FuzzFailure(`check: ${check.output}${check.errors}`)
  await rm(dataDir, { recursive: true })
  return done
}
