import assert from 'node:assert/strict'
import test from 'node:test'
import { describeConnection, type DatabaseConnection } from './database-connection.ts'

const cases: readonly (readonly [DatabaseConnection, string])[] = [
  [{ connectionString: 'postgres://app:s%40cret@db.example:6000/app' }, 'db.example:6000/app'],
  [
    { connectionString: 'postgresql:///app?host=/var/run/postgresql&user=x&password=secret' },
    '/var/run/postgresql/app',
  ],
  [{ host: '/tmp/socket', user: 'skycrate', database: 'skycrate', password: 'secret' }, '/tmp/socket/skycrate'],
  [{ host: 'localhost', port: 1, user: 'skycrate', database: 'test' }, 'localhost:1/test'],
]

for (const [connection, place] of cases) {
  test(`a log line calls it ${place}`, () => assert.equal(describeConnection(connection), place))
}
