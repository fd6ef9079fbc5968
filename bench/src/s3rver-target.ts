import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { makeBucket } from './store-process.ts'
import { s3Target, type StoreTarget } from './store-target.ts'

const PROGRAM = createRequire(import.meta.url).resolve('s3rver/bin/s3rver.js')

/** s3rver with its files in `directory`. It syncs nothing, and its one key is fixed. */
export async function startS3rver(directory: string): Promise<AsyncDisposable & StoreTarget> {
  const child = spawn(process.execPath, [PROGRAM, '-d', directory, '-a', '127.0.0.1', '-p', '0', '--silent'], {
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await ended
  }
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /^S3rver listening on 127\.0\.0\.1:(\d+)$/.exec(line)?.[1]
    if (port === undefined) continue
    child.stdout.resume()
    const url = `http://127.0.0.1:${port}`
    const endpoint = { url, accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER', bucket: 'bench' }
    await makeBucket(endpoint)
    return { ...s3Target('s3rver', endpoint), [Symbol.asyncDispose]: stop }
  }
  throw new Error('s3rver did not start')
}
