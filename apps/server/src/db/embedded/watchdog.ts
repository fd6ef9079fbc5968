import { spawn } from 'node:child_process'

/**
 * The pipe from this process ends when it does, even by kill -9: the shell at its other end then stops the server, so
 * that none outlives us. A line on the pipe says that the server has ended in order. A server that was
 * stopped (SIGSTOP) heeds no signal before it is continued.
 */
const STOP_FAST = `read -r line && exit 0
kill -INT "$1" 2>/dev/null
kill -CONT "$1" 2>/dev/null`
const STOP_AND_REMOVE = `read -r line && exit 0
kill -QUIT "$1" 2>/dev/null
kill -CONT "$1" 2>/dev/null
while kill -0 "$1" 2>/dev/null; do sleep 0.05; done
shift
for attempt in 1 2 3; do rm -rf "$@" 2>/dev/null && break; sleep 0.1; done`

export interface Watchdog {
  /** The server has ended: watch no more. */
  dismiss(): void
}

/** @param remove directories that go with the server, for data that nobody keeps */
export function startWatchdog(serverPid: number, remove: readonly string[] = []): Watchdog {
  const script = remove.length > 0 ? STOP_AND_REMOVE : STOP_FAST
  const shell = spawn('/bin/sh', ['-c', script, 'skycrate-watchdog', String(serverPid), ...remove], {
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    detached: true,
  })
  // It may be gone before it is told.
  shell.on('error', () => {})
  shell.stdin.on('error', () => {})
  shell.unref()
  const pipe = shell.stdin as typeof shell.stdin & { unref?(): void }
  pipe.unref?.()
  return {
    dismiss() {
      shell.stdin.end('ended\n')
    },
  }
}
