import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import type { S3Endpoint } from './store-target.ts'

const LAUNCHER = fileURLToPath(new URL('../../packages/s3-server/bin/skycrate-s3.mjs', import.meta.url))

export interface RunningStore extends AsyncDisposable, S3Endpoint {
  readonly pid: number
}

/** SkyCrate's store as a process of its own, on a data directory that may hold something already. */
export async function startStore(dataDir: string): Promise<RunningStore> {
  const accessKeyId = `AKIA${randomBytes(8).toString('hex').toUpperCase()}`
  const secretAccessKey = randomBytes(20).toString('hex')
  const child = spawn(process.execPath, [LAUNCHER, '--data', dataDir, '--port', '0'], {
    env: { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey, TMPDIR: tmpdir() },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await ended
  }
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^S3 on (\S+)$/.exec(line)?.[1]
    if (url === undefined || child.pid === undefined) continue
    return { url, accessKeyId, secretAccessKey, bucket: 'bench', pid: child.pid, [Symbol.asyncDispose]: stop }
  }
  throw new Error('the store did not start')
}

export function clientOf(endpoint: S3Endpoint): S3Client {
  return new S3Client({ endpoint: endpoint.url, region: 'us-east-1', forcePathStyle: true, credentials: endpoint })
}

export async function makeBucket(endpoint: S3Endpoint): Promise<void> {
  const client = clientOf(endpoint)
  await client.send(new CreateBucketCommand({ Bucket: endpoint.bucket }))
  client.destroy()
}
