import { parseArgs } from 'node:util'
import type { RequestRecord } from './handle-request.ts'
import { startS3Server } from './server.ts'

const USAGE = `Usage: S3_ACCESS_KEY_ID=… S3_SECRET_ACCESS_KEY=… node packages/s3-server/src/main.ts --data DIR [options]

  --data DIR       where everything is kept (made when missing)
  --port N         0 to 65535, default 9000; 0 lets the system choose
  --host ADDRESS   default 127.0.0.1
  --region NAME    default us-east-1
  --key-file FILE  the keys of encrypted objects, default DIR/keys.json
`

class UsageError extends Error {}

const readOptions = (): Parameters<typeof startS3Server>[0] => {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      port: { type: 'string', default: '9000' },
      host: { type: 'string', default: '127.0.0.1' },
      region: { type: 'string', default: 'us-east-1' },
      'key-file': { type: 'string' },
    },
  })
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = process.env
  const mistakes = [
    values.data === undefined ? '--data is missing' : '',
    /^[0-9]{1,5}$/.test(values.port) && Number(values.port) < 65_536 ? '' : '--port is not a port number',
    accessKeyId ? '' : 'S3_ACCESS_KEY_ID is not set',
    secretAccessKey ? '' : 'S3_SECRET_ACCESS_KEY is not set',
  ].filter((mistake) => mistake !== '')
  if (mistakes.length > 0) throw new UsageError(mistakes.join('; '))
  return {
    dataDir: values.data ?? '',
    port: Number(values.port),
    host: values.host,
    region: values.region,
    credentials: { accessKeyId: accessKeyId ?? '', secretAccessKey: secretAccessKey ?? '' },
    ...(values['key-file'] === undefined ? {} : { keyFile: values['key-file'] }),
  }
}

/** Only what went wrong inside is worth a line; refusals are the clients' business. */
const logFailure = (record: RequestRecord): void => {
  if (record.status >= 500 && record.status !== 501) process.stderr.write(`${JSON.stringify(record)}\n`)
}

try {
  const server = await startS3Server({ ...readOptions(), onRequest: logFailure })
  process.stdout.write(`S3 on ${server.url}\n`)
  const stop = (): void => {
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`)
        process.exit(1)
      },
    )
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
} catch (error) {
  const { code } = error as { code?: string }
  const isUsage = error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS') === true
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${isUsage ? `\n${USAGE}` : ''}`)
  process.exitCode = isUsage ? 2 : 1
}
