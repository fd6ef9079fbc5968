/** A process that counts until it is killed. Its argument is JSON: what to connect to. */
import type { SocketConnection } from '../../src/db/database-connection.ts'
import { openDatabase } from '../../src/db/open.ts'
import { quiet } from '../homes/test-homes.ts'
import { testUsage } from './test-usage.ts'

const task = JSON.parse(process.argv[2]!) as { readonly connection: SocketConnection; readonly endpoint: string }
const database = openDatabase({ connection: task.connection, logger: quiet() })
await testUsage({ database, endpoint: task.endpoint })
setInterval(() => {}, 60_000)
