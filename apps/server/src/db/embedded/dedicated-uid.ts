import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'

/** Numbers that systemd keeps for users without a name, which come and go: no distribution gives them to anybody. */
const FIRST = 61_184
const LAST = 65_519

/**
 * A user id for the data of one directory alone: nobody has it by name, and no process runs under it. `nobody` will not
 * do, since it is shared: whatever else runs as `nobody` could read the files and pass the socket.
 */
export function dedicatedUid(dataDir: string): number {
  const count = LAST - FIRST + 1
  const start = createHash('sha256').update(dataDir).digest().readUInt32BE() % count
  const taken = new Set([...namedUids(), ...runningUids()])
  for (let step = 0; step < count; step++) {
    const uid = FIRST + ((start + step) % count)
    if (!taken.has(uid)) return uid
  }
  throw new Error(`every user id from ${FIRST} to ${LAST} is taken`)
}

/** Whether a user id is one that `dedicatedUid` gives: it has no name. */
export const isDedicated = (uid: number): boolean => uid >= FIRST && uid <= LAST

function namedUids(): number[] {
  try {
    return readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => Number(line.split(':')[2]))
  } catch {
    return []
  }
}

function runningUids(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid ?? [])
  } catch {
    return []
  }
}
