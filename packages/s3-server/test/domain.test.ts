import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { makeClient } from './running-server.ts'
import { runVerb } from './run-verb.ts'
import { startServerProcess } from './server-process.ts'

test('a client addresses buckets below the names that --domain gives, and below localhost still', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 's3-domain-'))
  try {
    await using server = await startServerProcess(dataDir, '--domain', 's3.example.com')
    // Every name is this machine's.
    const httpAgent = new Agent({
      lookup: (_name, _options, found) => found(null, [{ address: '127.0.0.1', family: 4 }]),
    })
    for (const host of ['s3.example.com', 'S3.Example.com', 'localhost']) {
      const url = server.url.replace('127.0.0.1', host)
      const client = makeClient(url, { forcePathStyle: false, requestHandler: { httpAgent } })
      const place = { Bucket: 'by-name', Key: `a/${host}` }
      await client.send(new CreateBucketCommand({ Bucket: 'by-name' }))
      await client.send(new PutObjectCommand({ ...place, Body: host }))
      const byPath = await makeClient(server.url).send(new GetObjectCommand(place))
      assert.equal(await byPath.Body?.transformToString(), host)
      client.destroy()
    }
    const wrong = await runVerb('--data', dataDir, '--domain', 'http://x')
    assert.equal(wrong.code, 2)
    assert.match(wrong.errors, /--domain http:\/\/x is not a name of a host/)
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
})
