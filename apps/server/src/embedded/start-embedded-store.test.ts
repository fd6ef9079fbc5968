import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempDisposable } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import { pino } from 'pino'
import { openS3Store } from '../stores/s3/open-s3-store.ts'
import { startEmbeddedStore } from './start-embedded-store.ts'

test('strangers who hold all connections of the port do not keep SkyCrate from its store', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'skycrate-store-'))
  const logger = pino({ level: 'silent' })
  await using embedded = await startEmbeddedStore({
    dataDir: folder.path,
    store: {
      kind: 'embedded',
      host: '127.0.0.1',
      port: 0,
      region: 'us-east-1',
      tls: undefined,
      publicEndpoint: undefined,
      webhooks: [],
      webhookMaxAge: undefined,
      maxConnectionsPerAddress: undefined,
      metrics: undefined,
    },
    log: { level: 'silent', keys: false },
    secrets: { secret: 'x', s3AccessKeyId: 'AKIATEST', s3SecretAccessKey: 'secret' },
    logger,
  })
  const { port } = new URL(embedded.target.endpoint)
  const strangers = Array.from({ length: 520 }, () => connect(Number(port), '127.0.0.1').on('error', () => undefined))
  try {
    await Promise.all(strangers.map((socket) => once(socket, 'connect')))
    await assert.rejects(fetch(embedded.target.endpoint))
    const regions = { regionOf: () => undefined, learn: () => {}, of: () => [] }
    const { store } = openS3Store(DEFAULT_STORE, embedded.target, { regions, logger, now: Date.now })
    await store.ping()
    store.close()
  } finally {
    for (const socket of strangers) socket.destroy()
  }
})
