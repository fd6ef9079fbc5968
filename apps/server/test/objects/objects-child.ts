/** A process that does jobs until it is killed. Its argument is JSON: what to connect to. */
import type { SocketConnection } from '../../src/db/database-connection.ts'
import { openDatabase } from '../../src/db/open.ts'
import { quiet } from '../homes/test-homes.ts'
import { testObjects } from './test-objects.ts'

const task = JSON.parse(process.argv[2]!) as { readonly connection: SocketConnection; readonly endpoint: string }
const database = openDatabase({ connection: task.connection, logger: quiet() })
await testObjects({
  database,
  endpoint: task.endpoint,
  copyLimits: { copyAtOnce: 6 * 1024 ** 2, partSize: 5 * 1024 ** 2 },
})
console.log('working')
setInterval(() => {}, 60_000)
