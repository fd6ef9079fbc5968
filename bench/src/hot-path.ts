import { startEcho } from './echo-target.ts'
import { type Measured, measure } from './measure.ts'
import { startPeer } from './peer-target.ts'
import { startSkyCrate } from './skycrate-target.ts'
import { printTable } from './table.ts'
import type { Target } from './target.ts'

const CONNECTIONS = [1, 16, 64]

export interface HotPathOptions {
  readonly rounds: number
  readonly seconds: number
  /** The command of a peer to measure beside; see peer-target.ts. */
  readonly peer: string | undefined
}

/**
 * The hot path (verify the token, decide, record durably, sign) beside a bare Fastify route and, where one is given, a
 * peer: by turns, several rounds, medians.
 */
export async function hotPath(options: HotPathOptions): Promise<void> {
  await using skyCrate = await startSkyCrate()
  await using echo = await startEcho(skyCrate.answer)
  await using peer = options.peer === undefined ? undefined : startPeer(options.peer)
  const targets: Target[] = peer ? [skyCrate, echo, peer] : [skyCrate, echo]
  const rows: (string | number)[][] = []
  for (const connections of CONNECTIONS) {
    const measured = new Map<Target, Measured[]>(targets.map((target) => [target, []]))
    for (let round = 0; round < options.rounds; round++) {
      for (const target of targets) {
        const { host, port, request, pids } = target
        const job = { host, port, request, connections, warmUpMs: 1000, durationMs: options.seconds * 1000 }
        measured.get(target)!.push(await measure(job, pids))
      }
    }
    const own = median(measured.get(skyCrate)!, 'perSecond')
    for (const target of targets) {
      const runs = measured.get(target)!
      const perSecond = median(runs, 'perSecond')
      rows.push([
        connections,
        target.name,
        Math.round(perSecond),
        median(runs, 'p50').toFixed(2),
        median(runs, 'p99').toFixed(2),
        Math.round(median(runs, 'cpu')),
        `${(own / perSecond).toFixed(2)}x`,
      ])
    }
  }
  printTable(
    ['connections', 'target', 'requests/s', 'p50 ms', 'p99 ms', 'CPU us/request', 'SkyCrate / this'],
    rows,
    `medians of ${options.rounds} rounds of ${options.seconds} s; CPU of the target with its children`,
  )
}

function median(runs: readonly Measured[], field: 'perSecond' | 'p50' | 'p99' | 'cpu'): number {
  const values = runs.map((run) => run[field]).toSorted((a, b) => a - b)
  return values[Math.floor(values.length / 2)]!
}
