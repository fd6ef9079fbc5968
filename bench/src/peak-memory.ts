import { readFileSync, writeFileSync } from 'node:fs'

/** The most memory that a process has had resident since `resetPeak`, in bytes. @see proc_pid_status(5) */
export const peakOf = (pid: number | 'self'): number =>
  Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) * 1024

/** @see proc_pid_clear_refs(5) */
export const resetPeak = (pid: number | 'self'): void => writeFileSync(`/proc/${pid}/clear_refs`, '5')
