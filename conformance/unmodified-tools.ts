import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { S3Server } from './engines/s3-server.ts'

/** A tool of others, as its own project ships it. */
export interface UnmodifiedTool {
  readonly package: string
  readonly isInstalled: () => boolean
  /** Runs it against the store, in the folder, and answers what it printed. */
  readonly run: (store: S3Server, dir: string, ...args: string[]) => Promise<string>
}

async function execute(store: S3Server, dir: string, program: string, args: readonly string[]): Promise<string> {
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

async function s3cmdConfig({ port, accessKeyId, secretAccessKey }: S3Server, dir: string): Promise<string> {
  const path = join(dir, 's3cfg')
  const host = `127.0.0.1:${port}`
  const lines = [
    '[default]',
    `access_key = ${accessKeyId}`,
    `secret_key = ${secretAccessKey}`,
    `host_base = ${host}`,
    `host_bucket = ${host}`,
    'use_https = False',
  ]
  await writeFile(path, `${lines.join('\n')}\n`)
  return path
}

/** How rclone is told of a bucket, or of a key in it. */
export const rcloneRemote = ({ url }: S3Server, place: string): string =>
  `:s3,provider=Other,env_auth=true,force_path_style=true,endpoint='${url}':${place}`

const PRELUDE = `
import sys, boto3
s3 = boto3.client('s3', endpoint_url=sys.argv[1])
`

export const UNMODIFIED_TOOLS = {
  awscli: {
    package: 'awscli',
    isInstalled: () => existsSync('/usr/bin/aws'),
    run: (store, dir, ...args) => execute(store, dir, '/usr/bin/aws', ['--endpoint-url', store.url, ...args]),
  },
  s3cmd: {
    package: 's3cmd',
    isInstalled: () => existsSync('/usr/bin/s3cmd'),
    run: async (store, dir, ...args) =>
      execute(store, dir, '/usr/bin/s3cmd', ['-c', await s3cmdConfig(store, dir), '--no-progress', ...args]),
  },
  rclone: {
    package: 'rclone',
    isInstalled: () => existsSync('/usr/bin/rclone'),
    run: (store, dir, ...args) => execute(store, dir, '/usr/bin/rclone', ['--config', '/dev/null', ...args]),
  },
  /** Its first argument is a script, to which the client is `s3`, and the others are `sys.argv[2:]`. */
  boto3: {
    package: 'python3-boto3',
    isInstalled: () => existsSync('/usr/lib/python3/dist-packages/boto3'),
    run: (store, dir, script = '', ...args) =>
      execute(store, dir, '/usr/bin/python3', ['-c', PRELUDE + script, store.url, ...args]),
  },
} as const satisfies Readonly<Record<string, UnmodifiedTool>>
