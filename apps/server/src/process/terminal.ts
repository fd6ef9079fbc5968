import { closeSync, openSync } from 'node:fs'

/** Whether a terminal controls this process: one that was closed does no longer. False on Windows, which has no such thing. */
export function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch {
    return false
  }
}
