import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DatabaseLogger } from '../database-logger.ts'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import { SOCKET_NAME } from './socket-directory.ts'

/** Milliseconds for each, politest first: SIGINT is PostgreSQL's fast shutdown, SIGQUIT leaves recovery to the next. */
const STEPS: readonly (readonly [NodeJS.Signals | undefined, number])[] = [
  // One that is stopping already, because its supervisor died, needs no signal.
  [undefined, 300],
  ['SIGINT', 15_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
]
const POLL = 20

/**
 * Ends what a killed SkyCrate left running on this cluster, then removes the lock files whose number belongs to a
 * stranger or a zombie by now, which PostgreSQL could not tell from a server of its own. To be called with the
 * supervisor's lock held.
 * @throws EmbeddedPostgresError when a process stays
 */
export async function endOrphan(cluster: string, socketDirectory: string, logger: DatabaseLogger): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid')
  const postmaster = readPid(pidFile)
  if (postmaster !== undefined && runsOn(postmaster, cluster)) {
    logger.warn({ pid: postmaster }, 'stopping the PostgreSQL that an earlier SkyCrate left running')
    for (const [signal, patience] of STEPS) {
      if (signal) send(postmaster, signal)
      if (await settles(() => !runsOn(postmaster, cluster), patience)) break
    }
  }
  // Backends outlive a killed postmaster for a moment; a new server beside them would ruin the data.
  if (!(await settles(() => serversOn(cluster).length === 0, 10_000))) {
    const pids = serversOn(cluster).join(', ')
    throw new EmbeddedPostgresError(`PostgreSQL processes ${pids} still use ${cluster} and do not end: stop them`)
  }
  // A number that is nobody's is left to PostgreSQL: its own checks are then at work too.
  for (const file of [pidFile, join(socketDirectory, `${SOCKET_NAME}.lock`)]) {
    const left = readPid(file)
    if (left !== undefined && isAlive(left)) rmSync(file, { force: true })
  }
}

function readPid(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8').split('\n', 1)[0])
    return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined
  } catch {
    return undefined
  }
}

async function settles(done: () => boolean, patience: number): Promise<boolean> {
  const deadline = performance.now() + patience
  while (!done()) {
    if (performance.now() >= deadline) return false
    await sleep(POLL)
  }
  return true
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has just ended, or is not ours to end; waiting tells which.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Whether this very process is PostgreSQL's and works in this cluster; a number alone could be anybody's by now. */
function runsOn(pid: number, cluster: string): boolean {
  if (!isAlive(pid)) return false
  if (process.platform === 'linux') return worksIn(pid, realpathSync(cluster))
  try {
    // Elsewhere the command line tells: the supervisor gives the cluster as an argument.
    const line = execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
    return line.includes('postgres') && line.includes(cluster)
  } catch {
    return false
  }
}

/** Each process of PostgreSQL's has the cluster as its working directory. */
function worksIn(pid: number, realCluster: string): boolean {
  try {
    if (readlinkSync(`/proc/${pid}/cwd`) !== realCluster) return false
    const state = /^\d+ \((.*)\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))
    // A zombie has ended; its parent has just not looked yet.
    return state !== null && state[2] !== 'Z' && state[1]?.startsWith('postgres') === true
  } catch {
    return false
  }
}

function serversOn(cluster: string): number[] {
  if (process.platform !== 'linux') return []
  const realCluster = realpathSync(cluster)
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isSafeInteger(pid) && pid > 0 && worksIn(pid, realCluster))
}
