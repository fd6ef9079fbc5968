import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks a second: fixed in Linux's interface to user space. */
const TICKS = 100

interface Entry {
  readonly parent: number
  readonly seconds: number
}

function entryOf(pid: string): Entry | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The program's name may hold spaces and parentheses; what follows the last one is numbers.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { parent: Number(fields[1]), seconds: (Number(fields[11]) + Number(fields[12])) / TICKS }
  } catch {
    return undefined
  }
}

/**
 * Processor time, user and system, of processes and all their living descendants; in seconds.
 * @returns NaN where there is no /proc
 * @see proc_pid_stat(5)
 */
export function cpuSecondsOf(roots: readonly number[]): number {
  let names: string[]
  try {
    names = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return Number.NaN
  }
  const entries = new Map(names.map((name) => [Number(name), entryOf(name)]))
  const belongs = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = entries.get(at)?.parent) {
      if (roots.includes(at)) return true
    }
    return false
  }
  let sum = 0
  for (const [pid, entry] of entries) if (entry && belongs(pid)) sum += entry.seconds
  return sum
}
