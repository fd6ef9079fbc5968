import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { type S3Server, startS3Server } from './engines/s3-server.ts'

// Unmodified tools of others against the store alone: what they put in they get back, byte by byte.

const MEBIBYTE = 1024 ** 2
const KEYS = ['small.txt', 'a folder/été 日本語 & +%2B.bin', 'large.bin']

interface Tool {
  readonly package: string
  readonly installed: () => boolean
  /** Puts the file, prints a listing that holds its name, gets it into `back`, deletes it. Answers the listing. */
  readonly roundTrip: (place: Place) => Promise<string>
}

interface Place {
  readonly store: S3Server
  readonly dir: string
  readonly bucket: string
  readonly key: string
  readonly file: string
  readonly back: string
}

async function run(place: Place, program: string, args: readonly string[]): Promise<string> {
  const { store, dir } = place
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: dir,
    LC_ALL: 'C.UTF-8',
    AWS_ACCESS_KEY_ID: store.accessKeyId,
    AWS_SECRET_ACCESS_KEY: store.secretAccessKey,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
  }
  const { stdout } = await promisify(execFile)(program, [...args], { env, cwd: dir, timeout: 60_000 })
  return stdout
}

const BOTO3 = `
import sys, boto3
url, bucket, key, file, back = sys.argv[1:]
s3 = boto3.client('s3', endpoint_url=url)
s3.create_bucket(Bucket=bucket)
s3.upload_file(file, bucket, key)
print([each['Key'] for each in s3.list_objects_v2(Bucket=bucket)['Contents']])
s3.download_file(bucket, key, back)
s3.delete_object(Bucket=bucket, Key=key)
s3.delete_bucket(Bucket=bucket)
`

const TOOLS: Readonly<Record<string, Tool>> = {
  awscli: {
    package: 'awscli',
    installed: () => existsSync('/usr/bin/aws'),
    roundTrip: async (place) => {
      const url = `s3://${place.bucket}/${place.key}`
      const aws = (...args: string[]): Promise<string> =>
        run(place, '/usr/bin/aws', ['--endpoint-url', place.store.url, 's3', ...args])
      await aws('mb', `s3://${place.bucket}`)
      await aws('cp', place.file, url)
      const listing = await aws('ls', '--recursive', `s3://${place.bucket}`)
      await aws('cp', url, place.back)
      await aws('rm', url)
      await aws('rb', `s3://${place.bucket}`)
      return listing
    },
  },
  s3cmd: {
    package: 's3cmd',
    installed: () => existsSync('/usr/bin/s3cmd'),
    roundTrip: async (place) => {
      const { store, dir } = place
      const host = `127.0.0.1:${store.port}`
      const config = join(dir, 's3cfg')
      const lines = [
        '[default]',
        `access_key = ${store.accessKeyId}`,
        `secret_key = ${store.secretAccessKey}`,
        `host_base = ${host}`,
        `host_bucket = ${host}`,
        'use_https = False',
      ]
      await writeFile(config, `${lines.join('\n')}\n`)
      const url = `s3://${place.bucket}/${place.key}`
      const s3cmd = (...args: string[]): Promise<string> =>
        run(place, '/usr/bin/s3cmd', ['-c', config, '--no-progress', ...args])
      await s3cmd('mb', `s3://${place.bucket}`)
      await s3cmd('put', place.file, url)
      const listing = await s3cmd('ls', '--recursive', `s3://${place.bucket}`)
      await s3cmd('get', url, place.back)
      await s3cmd('del', url)
      await s3cmd('rb', `s3://${place.bucket}`)
      return listing
    },
  },
  rclone: {
    package: 'rclone',
    installed: () => existsSync('/usr/bin/rclone'),
    roundTrip: async (place) => {
      const { store } = place
      const remote = `:s3,provider=Other,env_auth=true,force_path_style=true,endpoint='${store.url}':${place.bucket}`
      const rclone = (...args: string[]): Promise<string> =>
        run(place, '/usr/bin/rclone', ['--config', '/dev/null', ...args])
      await rclone('mkdir', remote)
      await rclone('copyto', place.file, `${remote}/${place.key}`)
      const listing = await rclone('lsf', '-R', remote)
      await rclone('copyto', `${remote}/${place.key}`, place.back)
      await rclone('purge', remote)
      return listing
    },
  },
  boto3: {
    package: 'python3-boto3',
    installed: () => existsSync('/usr/lib/python3/dist-packages/boto3'),
    roundTrip: (place) => {
      const { store, bucket, key, file, back } = place
      return run(place, '/usr/bin/python3', ['-c', BOTO3, store.url, bucket, key, file, back])
    },
  },
}

for (const [name, tool] of Object.entries(TOOLS)) {
  const skip = tool.installed() ? false : `unmodified S3 tools: apt-get install ${tool.package}`
  test(`${name} gets back what it put, small, large and under an odd name`, { skip }, async () => {
    const dir = await mkdtemp(join(tmpdir(), 'skycrate-tools-'))
    try {
      await using store = await startS3Server()
      for (const [at, key] of KEYS.entries()) {
        const bytes = randomBytes(key.startsWith('large') ? 20 * MEBIBYTE + 17 : 1000)
        const [file, back] = [join(dir, `file-${at}`), join(dir, `back-${at}`)]
        await writeFile(file, bytes)
        const listing = await tool.roundTrip({ store, dir, bucket: `tool-${at}`, key, file, back })
        assert.ok(listing.includes(key), `${key} in ${listing}`)
        assert.ok(bytes.equals(await readFile(back)), key)
      }
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  })
}
