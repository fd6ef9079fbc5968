import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type S3Server, startS3Server } from './engines/s3-server.ts'
import { rcloneRemote, UNMODIFIED_TOOLS } from './unmodified-tools.ts'

// Unmodified tools of others against the store alone: what they put in they get back, byte by byte.

const MEBIBYTE = 1024 ** 2
const KEYS = ['small.txt', 'a folder/été 日本語 & +%2B.bin', 'large.bin']

interface Place {
  readonly store: S3Server
  readonly dir: string
  readonly bucket: string
  readonly key: string
  readonly file: string
  readonly back: string
}

const BOTO3 = `
bucket, key, file, back = sys.argv[2:]
s3.create_bucket(Bucket=bucket)
s3.upload_file(file, bucket, key)
print([each['Key'] for each in s3.list_objects_v2(Bucket=bucket)['Contents']])
s3.download_file(bucket, key, back)
s3.delete_object(Bucket=bucket, Key=key)
s3.delete_bucket(Bucket=bucket)
`

/** Puts the file, prints a listing that holds its name, gets it into `back`, deletes it. Answers the listing. */
const ROUND_TRIPS: Readonly<Record<keyof typeof UNMODIFIED_TOOLS, (place: Place) => Promise<string>>> = {
  awscli: async ({ store, dir, bucket, key, file, back }) => {
    const url = `s3://${bucket}/${key}`
    const aws = (...args: string[]): Promise<string> => UNMODIFIED_TOOLS.awscli.run(store, dir, 's3', ...args)
    await aws('mb', `s3://${bucket}`)
    await aws('cp', file, url)
    const listing = await aws('ls', '--recursive', `s3://${bucket}`)
    await aws('cp', url, back)
    await aws('rm', url)
    await aws('rb', `s3://${bucket}`)
    return listing
  },
  s3cmd: async ({ store, dir, bucket, key, file, back }) => {
    const url = `s3://${bucket}/${key}`
    const s3cmd = (...args: string[]): Promise<string> => UNMODIFIED_TOOLS.s3cmd.run(store, dir, ...args)
    await s3cmd('mb', `s3://${bucket}`)
    await s3cmd('put', file, url)
    const listing = await s3cmd('ls', '--recursive', `s3://${bucket}`)
    await s3cmd('get', url, back)
    await s3cmd('del', url)
    await s3cmd('rb', `s3://${bucket}`)
    return listing
  },
  rclone: async ({ store, dir, bucket, key, file, back }) => {
    const remote = rcloneRemote(store, bucket)
    const rclone = (...args: string[]): Promise<string> => UNMODIFIED_TOOLS.rclone.run(store, dir, ...args)
    await rclone('mkdir', remote)
    await rclone('copyto', file, `${remote}/${key}`)
    const listing = await rclone('lsf', '-R', remote)
    await rclone('copyto', `${remote}/${key}`, back)
    await rclone('purge', remote)
    return listing
  },
  boto3: ({ store, dir, bucket, key, file, back }) =>
    UNMODIFIED_TOOLS.boto3.run(store, dir, BOTO3, bucket, key, file, back),
}

for (const [name, roundTrip] of Object.entries(ROUND_TRIPS)) {
  const tool = UNMODIFIED_TOOLS[name as keyof typeof UNMODIFIED_TOOLS]
  const skip = tool.isInstalled() ? false : `unmodified S3 tools: apt-get install ${tool.package}`
  test(`${name} gets back what it put, small, large and under an odd name`, { skip }, async () => {
    const dir = await mkdtemp(join(tmpdir(), 'skycrate-tools-'))
    try {
      await using store = await startS3Server()
      for (const [at, key] of KEYS.entries()) {
        const bytes = randomBytes(key.startsWith('large') ? 20 * MEBIBYTE + 17 : 1000)
        const [file, back] = [join(dir, `file-${at}`), join(dir, `back-${at}`)]
        await writeFile(file, bytes)
        const listing = await roundTrip({ store, dir, bucket: `tool-${at}`, key, file, back })
        assert.ok(listing.includes(key), `${key} in ${listing}`)
        assert.ok(bytes.equals(await readFile(back)), key)
      }
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  })
}
