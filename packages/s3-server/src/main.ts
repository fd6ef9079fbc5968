import { parseArgs } from 'node:util'
import { backup } from './commands/backup.ts'
import { check } from './commands/check.ts'
import { keys } from './commands/keys.ts'
import { readWebIdentityFile } from './commands/read-web-identity-file.ts'
import { readWebhooks } from './commands/read-webhooks.ts'
import { rebuild } from './commands/rebuild.ts'
import { repair } from './commands/repair.ts'
import { serve } from './commands/serve.ts'
import type { ServeOptions } from './commands/serve.ts'
import { UsageError } from './commands/usage-error.ts'
import { DOMAINS } from './server.ts'

// Threads for the file system: a few large syncs must not keep all the others waiting. Node's default is 4.
process.env['UV_THREADPOOL_SIZE'] ??= '16'

const USAGE = `Usage: S3_ACCESS_KEY_ID=… S3_SECRET_ACCESS_KEY=… npx skycrate-s3 --data DIR [options]
       npx skycrate-s3 check|repair --data DIR [options]
       npx skycrate-s3 backup TARGET --data DIR [--copy]
       npx skycrate-s3 keys list|add NAME|rotate [NAME]|rewrap|drop VERSION --data DIR [--key-file FILE]

  --data DIR       where everything is kept (made when missing)
  --key-file FILE  the keys of encrypted objects, default DIR/keys.json

to serve:
  --port N         0 to 65535, default 9000; 0 lets the system choose
  --host ADDRESS   default 127.0.0.1
  --region NAME    default us-east-1
  --domain NAME    {bucket}.NAME addresses a bucket, besides {bucket}.localhost; may be said again
  --behind-tls     a TLS proxy is the only way to it: what policies call aws:SecureTransport is true
  --web-identity F  JSON: issuers whose tokens AssumeRoleWithWebIdentity takes, and the roles that they may assume
  --webhook NAME=URL  where events of buckets can be sent, as often as there are webhooks; signed with the secret in
                   S3_WEBHOOK_SECRET_NAME
  --webhook-max-age N  hours for which an event is tried, 1 to 336, default 24
  --admin-port N   where /metrics (Prometheus) and /healthz are answered, without a password; default nowhere
  --access-log F   appends a JSON line a request; SIGHUP reopens the file
  --max-connections N  1 to 65535, default 4096
  --max-connections-per-address N  of one address (IPv6: one /64 network), default 512; with --behind-tls no limit
  --scrub-rate N   MiB a second at which everything is read again to find damage, default 8; 0 for never

check, repair (the server stopped):
  --deep           reads every byte
  --drop-damaged   repair: takes versions whose bytes are lost out of the index
  --rebuild-index  repair: makes the index anew from its journal; with --drop-damaged from what is left of that

backup (while the server runs, or not):
  --copy           copies blobs also where they could be hard links
`

const readArguments = () =>
  parseArgs({
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      port: { type: 'string', default: '9000' },
      host: { type: 'string', default: '127.0.0.1' },
      region: { type: 'string', default: 'us-east-1' },
      domain: { type: 'string', multiple: true, default: [] },
      'behind-tls': { type: 'boolean', default: false },
      'web-identity': { type: 'string' },
      webhook: { type: 'string', multiple: true, default: [] },
      'webhook-max-age': { type: 'string', default: '24' },
      'admin-port': { type: 'string' },
      'access-log': { type: 'string' },
      'max-connections': { type: 'string', default: '4096' },
      'max-connections-per-address': { type: 'string' },
      'scrub-rate': { type: 'string', default: '8' },
      'key-file': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
      deep: { type: 'boolean', default: false },
      copy: { type: 'boolean', default: false },
      'drop-damaged': { type: 'boolean', default: false },
      'rebuild-index': { type: 'boolean', default: false },
    },
  })

type Values = ReturnType<typeof readArguments>['values']

/** Labels with dots between, no port. */
const DOMAIN = /^[a-z0-9-]+(\.[a-z0-9-]+)*$/i

const isUint16 = (text: string): boolean => /^[0-9]{1,5}$/.test(text) && Number(text) < 65_536

/** @throws UsageError naming every mistake */
const serverOptions = (values: Values, dataDir: string): ServeOptions => {
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = process.env
  const { 'admin-port': adminPort, 'max-connections': maxConnections, 'web-identity': webIdentityFile } = values
  const { 'max-connections-per-address': perAddress } = values
  const webIdentity = webIdentityFile === undefined ? undefined : readWebIdentityFile(webIdentityFile)
  const { webhooks, mistakes: webhookMistakes } = readWebhooks(values.webhook, process.env)
  const maxAge = values['webhook-max-age']
  const mistakes = [
    isUint16(values.port) ? '' : '--port is not a port number',
    adminPort === undefined || isUint16(adminPort) ? '' : '--admin-port is not a port number',
    isUint16(maxConnections) && Number(maxConnections) > 0 ? '' : '--max-connections is not 1 to 65535',
    perAddress === undefined || (isUint16(perAddress) && Number(perAddress) > 0)
      ? ''
      : '--max-connections-per-address is not 1 to 65535',
    /^[0-9]{1,5}$/.test(values['scrub-rate']) ? '' : '--scrub-rate is not a number of MiB',
    ...values.domain.map((name) => (DOMAIN.test(name) ? '' : `--domain ${name} is not a name of a host`)),
    accessKeyId ? '' : 'S3_ACCESS_KEY_ID is not set',
    secretAccessKey ? '' : 'S3_SECRET_ACCESS_KEY is not set',
    ...(webIdentity?.mistakes ?? []),
    ...webhookMistakes,
    isUint16(maxAge) && Number(maxAge) > 0 && Number(maxAge) <= 336 ? '' : '--webhook-max-age is not 1 to 336 hours',
  ].filter((mistake) => mistake !== '')
  if (mistakes.length > 0) throw new UsageError(mistakes.join('; '))
  return {
    dataDir,
    port: Number(values.port),
    host: values.host,
    region: values.region,
    domains: [...DOMAINS, ...values.domain.map((name) => name.toLowerCase())],
    behindTls: values['behind-tls'],
    adminPort: adminPort === undefined ? undefined : Number(adminPort),
    accessLog: values['access-log'],
    maxConnections: Number(maxConnections),
    ...(perAddress === undefined ? {} : { maxConnectionsPerAddress: Number(perAddress) }),
    webhooks,
    deliveryLimits: { maxAge: Number(maxAge) * 3_600_000 },
    scrubRate: Number(values['scrub-rate']) * 1024 ** 2,
    credentials: { accessKeyId: accessKeyId ?? '', secretAccessKey: secretAccessKey ?? '' },
    ...(webIdentity?.issuers === undefined ? {} : { webIdentity: webIdentity.issuers }),
    ...(values['key-file'] === undefined ? {} : { keyFile: values['key-file'] }),
  }
}

const run = async (): Promise<void> => {
  const { values, positionals } = readArguments()
  if (values.help) {
    process.stdout.write(USAGE)
    return
  }
  const { data: dataDir, deep, 'key-file': keyFile, 'drop-damaged': dropDamaged } = values
  if (dataDir === undefined) throw new UsageError('--data is missing')
  const [verb = 'serve', ...more] = positionals
  if (verb === 'backup') {
    const [target, ...rest] = more
    if (target === undefined || rest.length > 0) throw new UsageError('backup takes one target')
    process.exitCode = await backup({ dataDir, target, copy: values.copy })
    return
  }
  if (verb === 'keys') {
    await keys({ dataDir, keyFile, words: more })
    return
  }
  if (more.length > 0) throw new UsageError(`${more.join(' ')} is too much`)
  switch (verb) {
    case 'serve':
      await serve(serverOptions(values, dataDir))
      return
    case 'check':
      process.exitCode = await check({ dataDir, keyFile, deep })
      return
    case 'repair':
      process.exitCode = values['rebuild-index']
        ? await rebuild({ dataDir, partial: dropDamaged })
        : await repair({ dataDir, keyFile, deep, dropDamaged })
      return
    default:
      throw new UsageError(`${verb} is not known`)
  }
}

// Small objects lie in the index, and names of objects in the access log: nothing of it is for others on the machine.
process.umask(process.umask() | 0o007)

try {
  await run()
} catch (error) {
  const { code } = error as { code?: string }
  const isUsage = error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS') === true
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${isUsage ? `\n${USAGE}` : ''}`)
  process.exitCode = isUsage ? 2 : 1
}
