import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { S3Client } from '@aws-sdk/client-s3'
import { startS3Server } from '../src/server.ts'
import type { RunningS3Server, S3ServerOptions } from '../src/server.ts'

export const CREDENTIALS = { accessKeyId: 'AKIATESTROOT', secretAccessKey: 'the secret of the root key' }

export interface RunningServer extends AsyncDisposable {
  readonly dataDir: string
  readonly server: RunningS3Server
  readonly client: S3Client
}

export const makeClient = (url: string, options: ConstructorParameters<typeof S3Client>[0] = {}): S3Client =>
  new S3Client({
    endpoint: url,
    region: 'us-east-1',
    credentials: CREDENTIALS,
    forcePathStyle: true,
    maxAttempts: 1,
    ...options,
  })

/** A server on a fresh data directory and a client of it; both gone at the end of the scope. */
export const startRunningServer = async (options: Partial<S3ServerOptions> = {}): Promise<RunningServer> => {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 's3-test-')))
  const server = await startS3Server({ host: '127.0.0.1', port: 0, credentials: CREDENTIALS, dataDir, ...options })
  const client = makeClient(server.url)
  return {
    dataDir,
    server,
    client,
    [Symbol.asyncDispose]: async () => {
      client.destroy()
      await server.close()
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
    },
  }
}
