import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { S3Client } from '@aws-sdk/client-s3'

const MAIN = fileURLToPath(new URL('../../s3-server/src/main.ts', import.meta.url))

export const CREDENTIALS = { accessKeyId: 'AKIATESTROOT', secretAccessKey: 'the secret of the root key' }

export interface StoreProcess extends AsyncDisposable {
  readonly url: string
  readonly client: S3Client
}

export const makeClient = (url: string): S3Client =>
  new S3Client({ endpoint: url, region: 'us-east-1', credentials: CREDENTIALS, forcePathStyle: true })

/** A store of our own as its own process, on a fresh directory. */
export const startStore = async (): Promise<StoreProcess> => {
  const dataDir = await mkdtemp(join(tmpdir(), 's3-copy-'))
  const child = spawn(process.execPath, [MAIN, '--data', dataDir, '--port', '0', '--scrub-rate', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      S3_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      S3_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    },
  })
  const closed = once(child, 'close')
  let output = ''
  child.stderr.on('data', (bytes: Buffer) => (output += bytes.toString()))
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (bytes: Buffer) => {
      output += bytes.toString()
      const [, found] = /^S3 on (\S+)\n/m.exec(output) ?? []
      if (found !== undefined) resolve(found)
    })
    child.once('close', () => {
      reject(new Error(output))
    })
  })
  const client = makeClient(url)
  return {
    url,
    client,
    [Symbol.asyncDispose]: async () => {
      client.destroy()
      child.kill('SIGKILL')
      await closed
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
