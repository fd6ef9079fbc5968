import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3'
import { startS3Server } from '@skycrate/s3-server/server'
import { KEYS, REGION } from './test-homes.ts'

export interface S3Fixture extends AsyncDisposable {
  readonly url: string
  /** What is really at the store, seen by another client. */
  readonly client: S3Client
  buckets(): Promise<string[]>
  /** Runs the lifecycle rules of all buckets as if it were so many milliseconds later. */
  runLifecycleLater(ms: number): Promise<void>
}

/** The embedded store on a folder of its own. */
export async function startS3Fixture(region = REGION): Promise<S3Fixture> {
  const dataDir = await mkdtemp(join(tmpdir(), 'skycrate-homes-'))
  let later = 0
  const now = (): number => Date.now() + later
  const server = await startS3Server({ dataDir, host: '127.0.0.1', port: 0, region, credentials: KEYS, now })
  const client = new S3Client({
    endpoint: server.url,
    region,
    credentials: KEYS,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  return {
    url: server.url,
    client,
    async buckets() {
      const { Buckets = [] } = await client.send(new ListBucketsCommand({}))
      return Buckets.map(({ Name }) => Name ?? '')
    },
    async runLifecycleLater(ms) {
      later = ms
      await server.runLifecycle()
      later = 0
    },
    async [Symbol.asyncDispose]() {
      client.destroy()
      await server.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
