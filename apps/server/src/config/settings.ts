import { parseBucketName } from '@skycrate/core/naming/bucket'
import { parseIssuers } from './issuers.ts'
import { boolean, integer, oneOf, origin, type Parsed, proxies, type Setting, text } from './setting.ts'
import { parseWebhooks } from './webhooks.ts'

const bucket = (value: string): Parsed<string> =>
  parseBucketName(value) ? { value } : { mistake: 'must be a bucket name (3 to 63 of a-z, 0-9, - and .)' }

const email = text(/^[^\s@]+@[^\s@]+$/, 'must be an e-mail address')

const databaseUrl = (value: string): Parsed<string> =>
  URL.canParse(value) && /^postgres(ql)?:$/.test(new URL(value).protocol)
    ? { value }
    : { mistake: 'must be a URL such as postgresql://user:password@host:5432/database' }

/** Every setting there is: the one schema that environment, configuration file and documentation are read from. */
export const SETTINGS = {
  SKYCRATE_HTTP_HOST: {
    description: 'Address that the API and the web app listen on.',
    fallback: '127.0.0.1',
    parse: text(),
  },
  SKYCRATE_HTTP_PORT: { description: 'Port of the API and the web app.', fallback: '8080', parse: integer(1, 65_535) },
  SKYCRATE_PUBLIC_URL: {
    description:
      'Where people reach SkyCrate; also the issuer of its own tokens. Default: http://localhost and the port.',
    parse: origin,
  },
  SKYCRATE_DATA: {
    description: 'Folder of everything that the embedded mode keeps.',
    fallback: './data',
    parse: text(),
  },
  SKYCRATE_ADMIN_EMAIL: {
    description: 'The first administrator, made when there is none.',
    fallback: 'admin@localhost',
    parse: email,
  },
  SKYCRATE_ADMIN_PASSWORD: {
    description: "The first administrator's password, at least 15 characters. Absent: made up and shown once.",
    secret: true,
    parse: text(/^.{15,1024}$/su, 'must have at least 15 characters'),
  },
  SKYCRATE_SECRET: {
    description:
      'Seals the private keys of tokens in the database and derives refresh tokens; at least 32 characters. Absent: made and kept in the data folder; needed with DATABASE_URL in production or beside an external store.',
    secret: true,
    parse: text(/^.{32,1024}$/su, 'must have at least 32 characters'),
  },
  SKYCRATE_PRODUCTION: {
    description:
      'Refuses to start with settings that are unsafe on a public network. Default: true when database and store are both external.',
    parse: boolean,
  },
  SKYCRATE_ISSUERS: {
    description: 'Issuers whose tokens are accepted, as a JSON array; see the guide on issuers.',
    fallback: '[]',
    parse: parseIssuers,
  },
  SKYCRATE_HOME_LAYOUT: {
    description:
      "People's homes: a bucket each, or a prefix each in the library bucket. Default: bucket-per-user; shared-bucket on AWS.",
    parse: oneOf('bucket-per-user', 'shared-bucket'),
  },
  SKYCRATE_LIBRARY_BUCKET: {
    description:
      'The bucket of the public, protected and private levels. Default: skycrate-library on the embedded store, else none.',
    parse: bucket,
  },
  SKYCRATE_STRICT_PROVISIONING: {
    description: 'Refuses a store that cannot apply a protective step. Default: true on AWS and the embedded store.',
    parse: boolean,
  },
  SKYCRATE_KMS_KEY_ID: { description: 'Encrypts new buckets with this KMS key instead of AES256.', parse: text() },
  SKYCRATE_GUESTS: {
    description: 'Lets people who are not signed in use what the guest permissions give.',
    fallback: 'false',
    parse: boolean,
  },
  SKYCRATE_AUDIT_RETENTION_DAYS: {
    description:
      'Days for which audit events are kept. Whole months are deleted once their last day is older. 0 keeps everything.',
    fallback: '0',
    parse: integer(0, 36_500),
  },
  SKYCRATE_USER_RATE: {
    description:
      'Requests per second of one user over all processes; ten seconds of them may come at once. 0 disables the limit. Administrators are not limited.',
    fallback: '5000',
    parse: integer(0, 1_000_000),
  },
  SKYCRATE_GUEST_RATE: {
    description:
      'Requests per second without sign-in from one IPv4 address or IPv6 /64 network; ten seconds of them may come at once. 0 disables the limit.',
    fallback: '50',
    parse: integer(0, 1_000_000),
  },
  SKYCRATE_DENIAL_RATE: {
    description:
      'Different refused requests per second of one user or network that get an audit event of their own; a minute of them may come at once. Further ones are answered with 429. 0 disables the limit.',
    fallback: '5',
    parse: integer(0, 1_000_000),
  },
  SKYCRATE_WEB_ORIGINS: {
    description:
      'Further origins, separated by commas, whose pages may call the API and the buckets. Each is named in full, without wildcards.',
    fallback: '',
    parse: parseOrigins,
  },
  SKYCRATE_LOG_LEVEL: {
    description: 'How much is logged.',
    fallback: 'info',
    parse: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
  },
  SKYCRATE_LOG_KEYS: { description: 'Whether logs may name object keys.', fallback: 'true', parse: boolean },
  SKYCRATE_TRUST_PROXY: {
    description:
      'Takes the client address from X-Forwarded-For, from the entry that the proxy in front wrote (true), or the outermost of so many proxies.',
    fallback: 'false',
    parse: proxies,
  },
  SKYCRATE_S3_HOST: {
    description: 'Address that the embedded S3 store listens on.',
    fallback: '127.0.0.1',
    parse: text(),
  },
  SKYCRATE_S3_PORT: { description: 'Port of the embedded S3 store.', fallback: '9000', parse: integer(0, 65_535) },
  SKYCRATE_S3_WEBHOOKS: {
    description:
      'Where events of the embedded store can be sent, as a JSON array; see the guide on its events. Only for the embedded store.',
    secret: true,
    parse: parseWebhooks,
  },
  SKYCRATE_S3_WEBHOOK_MAX_AGE: {
    description: 'Hours for which an event is tried. Default: 24. Only for the embedded store.',
    parse: integer(1, 336),
  },
  SKYCRATE_S3_METRICS_PORT: {
    description:
      "Port on which the embedded store's counters are given to Prometheus, without a password. Absent: nowhere. Only for the embedded store.",
    parse: integer(0, 65_535),
  },
  SKYCRATE_S3_MAX_CONNECTIONS_PER_ADDRESS: {
    description:
      'Connections that one client address may have to the embedded store at once. Default: 512, or no limit when S3_PUBLIC_ENDPOINT is https, since all connections then come from the proxy. Only for the embedded store.',
    parse: integer(1, 65_535),
  },
  SKYCRATE_S3_METRICS_HOST: {
    description: 'Address of that port: one that only those reach who may know the counters.',
    fallback: '127.0.0.1',
    parse: text(),
  },
  SKYCRATE_DATABASE_WAIT: {
    description: 'Seconds to wait for the database at the start.',
    fallback: '60',
    parse: integer(0, 3600),
  },
  DATABASE_URL: { description: 'PostgreSQL 14 or later. Absent: the embedded one.', secret: true, parse: databaseUrl },
  S3_ENDPOINT: {
    description: 'The S3 store, for example https://s3.eu-central-1.amazonaws.com. Absent: the embedded one.',
    parse: origin,
  },
  S3_PUBLIC_ENDPOINT: {
    description: 'The same store as clients reach it, where that differs; presigned URLs point there.',
    parse: origin,
  },
  S3_REGION: {
    description: 'Region of the store.',
    fallback: 'us-east-1',
    parse: text(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be a region such as eu-central-1 or RegionOne'),
  },
  S3_ADDRESSING: {
    description: 'Buckets as a path or as a host name. Default: virtual on AWS, path elsewhere.',
    parse: oneOf('path', 'virtual'),
  },
  S3_ACCESS_KEY_ID: {
    description: "The store's access key. Absent on AWS: the role of the machine or task.",
    parse: text(),
  },
  S3_SECRET_ACCESS_KEY: { description: "The store's secret key.", secret: true, parse: text() },
  S3_ROLE_ARN: {
    description:
      'Role that temporary credentials assume, for example arn:aws:iam::123456789012:role/skycrate-users. Absent: only the embedded store issues temporary credentials.',
    parse: text(/^arn:[\w-]+:iam::\d*:role\/[\w+=,.@/-]+$/, 'must be the ARN of a role'),
  },
  S3_SESSION_TOKEN: { description: 'Only with temporary keys.', secret: true, parse: text() },
} as const satisfies Record<string, Setting<unknown>>

function parseOrigins(value: string): Parsed<string[]> {
  const parsed = value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(origin)
  const mistake = parsed.find((each) => 'mistake' in each)
  return mistake ?? { value: parsed.flatMap((each) => ('value' in each ? [each.value] : [])) }
}

export type SettingName = keyof typeof SETTINGS

type ValueOf<S> = S extends { parse: (text: string) => Parsed<infer T> } ? T : never

/** Each setting's value; undefined where it is absent and has no fallback. */
export type Settings = {
  readonly [N in SettingName]: (typeof SETTINGS)[N] extends { fallback: string }
    ? ValueOf<(typeof SETTINGS)[N]>
    : ValueOf<(typeof SETTINGS)[N]> | undefined
}
