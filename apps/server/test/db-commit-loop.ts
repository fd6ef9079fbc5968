// A process for the tests to kill: it runs the embedded PostgreSQL and prints each number once its commit is acknowledged.
import { startEmbeddedPostgres } from '../src/db/embedded/start-embedded-postgres.ts'
import { openDatabase } from '../src/db/open.ts'

const [dataDir = '', first = '0'] = process.argv.slice(2)
const logger = { debug() {}, info() {}, warn() {}, error() {} }

const postgres = await startEmbeddedPostgres({ dataDir, logger })
const database = openDatabase({ connection: postgres.connection, logger })
await database.query('create table if not exists acknowledged (n int primary key)')
process.stdout.write(`ready ${postgres.pid}\n`)
for (let n = Number(first); ; n += 4) {
  const numbers = [n, n + 1, n + 2, n + 3]
  await Promise.all(
    numbers.map(async (number) => {
      await database.hot.query('insert into acknowledged values ($1)', [number], 'acknowledge')
      process.stdout.write(`${number}\n`)
    }),
  )
}
