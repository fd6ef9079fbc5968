import { write, writeSync } from 'node:fs'

/** Characters of lines that may wait for a slow reader; what comes beyond is lost. */
const MAX_WAITING = 8 * 1024 ** 2
/** Milliseconds until a reader that takes nothing now is tried again. */
const RETRY_AFTER = 20

export interface LogDestination {
  write(line: string): void
  /** Writes what waits before it returns, or loses it: for the end of the process. */
  flushSync(): void
}

/**
 * Writes lines to a file descriptor, all that wait at once, and holds up nobody by that. A line that cannot be written (the
 * terminal was closed, the disk is full) is lost, and nothing else: it neither throws nor is tried for ever.
 */
export function openLogDestination(fd: number): LogDestination {
  let waiting = ''
  let underWay = Buffer.alloc(0)
  let isWriting = false

  const goOn = (): void => {
    if (underWay.length === 0) {
      underWay = Buffer.from(waiting)
      waiting = ''
    }
    isWriting = underWay.length > 0
    if (!isWriting) return
    write(fd, underWay, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(goOn, RETRY_AFTER)
        return
      }
      underWay = error ? Buffer.alloc(0) : underWay.subarray(written)
      goOn()
    })
  }
  return {
    write(line) {
      if (waiting.length > MAX_WAITING) return
      waiting += line
      if (isWriting) return
      isWriting = true
      // Not yet: what is logged just before the process ends is then written by that.
      setImmediate(goOn)
    },
    flushSync() {
      // What is under way is with the system already; it is written, or cannot be.
      let rest = Buffer.from(waiting)
      waiting = ''
      try {
        while (rest.length > 0) rest = rest.subarray(writeSync(fd, rest))
      } catch {
        // There is nowhere left to say so.
      }
    },
  }
}
