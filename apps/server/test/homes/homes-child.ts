/** A process that asks for a home once and prints it. Its argument is JSON: what to connect to, and for whom. */
import { createAuditLog } from '../../src/audit/audit-writer.ts'
import type { SocketConnection } from '../../src/db/database-connection.ts'
import { openDatabase } from '../../src/db/open.ts'
import { createHomes } from '../../src/homes/homes.ts'
import type { HomesConfig } from '../../src/homes/homes-config.ts'
import type { UserId } from '@skycrate/core/naming/id'
import { CONFIG, ORIGIN, quiet, testStore } from './test-homes.ts'

export interface ChildTask {
  readonly connection: SocketConnection
  readonly endpoint: string
  readonly userId: UserId
  readonly config: Partial<HomesConfig>
  /** First requests at once. */
  readonly requests: number
  /** Dies by SIGKILL at the audit log instead of at a request to the store. */
  readonly dieAtAudit?: 'before' | 'after' | undefined
}

const task = JSON.parse(process.argv[2]!) as ChildTask
const logger = quiet()
await using database = openDatabase({ connection: task.connection, logger })
const log = createAuditLog({ sql: database.hot, logger, now: Date.now })
const audit: typeof log = {
  ...log,
  async record(event) {
    if (task.dieAtAudit === 'before') process.kill(process.pid, 'SIGKILL')
    await log.record(event)
    if (task.dieAtAudit === 'after') process.kill(process.pid, 'SIGKILL')
  },
}
const store = testStore(task.endpoint)
const config = { ...CONFIG, ...task.config }
const homes = createHomes({ database, store, audit, logger, now: Date.now, config })
const signedIn = { userId: task.userId, personal: true }
const made = await Promise.all(Array.from({ length: task.requests }, () => homes.home(signedIn, ORIGIN)))
console.log(JSON.stringify([...new Set(made.map((home) => home.bucket))]))
store.close()
