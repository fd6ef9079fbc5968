import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { DatabaseLogger } from '../database-logger.ts'

const KEPT = 40

export interface ServerOutput {
  /** Why it ended: its last complaint and what belongs to it, in one line; undefined when it said nothing. */
  reason(): string | undefined
}

/** Passes what PostgreSQL or initdb writes on to the log, and remembers the end of it. */
export function followOutput(stream: Readable, logger: DatabaseLogger, onReady?: () => void): ServerOutput {
  const lines: string[] = []
  createInterface({ input: stream }).on('line', (line) => {
    lines.push(line)
    if (lines.length > KEPT) lines.shift()
    const level = /(?:FATAL|PANIC|error):/.test(line) ? 'warn' : 'debug'
    logger[level]({ postgres: line }, 'PostgreSQL says')
    // A replica takes read-only ones.
    if (/database system is ready to accept (read-only )?connections/.test(line)) onReady?.()
  })
  return {
    reason() {
      const last = lines.findLastIndex((line) => /(?:FATAL|PANIC|error):/.test(line))
      if (last < 0) return lines.at(-1)
      const [complaint = '', ...rest] = lines.slice(last)
      const details = rest.filter((line) => /^(?:DETAIL|HINT):/.test(line))
      return [complaint, ...details].map((line) => line.replace(/^.*?(?:FATAL|PANIC|error):\s+/, '')).join('; ')
    },
  }
}
