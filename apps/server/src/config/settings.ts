import { parseBucketName } from '@skycrate/core/naming/bucket'
import { parseAppClients } from './app-clients.ts'
import { parseCdnKeys } from './cdn-keys.ts'
import { collector, collectorHeaders, share } from './collector.ts'
import { parseIssuers } from './issuers.ts'
import { mailAddress, parseDomains, parseSmtpUrl } from './mail.ts'
import { boolean, integer, oneOf, origin, type Parsed, proxies, type Setting, text } from './setting.ts'
import { readPriceFile } from '../usage/price-file.ts'
import { parseWebhooks } from './webhooks.ts'

const bucket = (value: string): Parsed<string> =>
  parseBucketName(value) ? { value } : { mistake: 'must be a bucket name (3 to 63 of a-z, 0-9, - and .)' }

const storageClasses = (value: string): Parsed<readonly string[]> => {
  const names = value.split(',').map((name) => name.trim())
  return names.every((name) => /^[A-Za-z][\w-]{0,63}$/.test(name)) && names.includes('STANDARD')
    ? { value: names }
    : { mistake: 'must be names such as STANDARD,COLD, among them STANDARD' }
}

const email = text(/^[^\s@]+@[^\s@]+$/, 'must be an e-mail address')

const databaseUrl = (value: string): Parsed<string> =>
  URL.canParse(value) && /^postgres(ql)?:$/.test(new URL(value).protocol)
    ? { value }
    : { mistake: 'must be a URL such as postgresql://user:password@host:5432/database' }

/** All settings: the one schema for the environment, the configuration file and the documentation. */
export const SETTINGS = {
  SKYCRATE_HTTP_HOST: {
    description: 'Address that the API and the web app listen on.',
    fallback: '127.0.0.1',
    parse: text(),
  },
  SKYCRATE_HTTP_PORT: { description: 'Port of the API and the web app.', fallback: '8080', parse: integer(1, 65_535) },
  SKYCRATE_PUBLIC_URL: {
    description:
      'Public URL of SkyCrate, also the issuer of its own tokens. Default: http://localhost with the port, or https with SKYCRATE_TLS_CERT.',
    parse: origin,
  },
  SKYCRATE_TLS_CERT: {
    description:
      'File with the certificate and its intermediate certificates, in PEM. The API and the web app then speak https. A renewed file is taken up within 30 seconds.',
    parse: text(),
  },
  SKYCRATE_TLS_KEY: {
    description: 'File with the private key of SKYCRATE_TLS_CERT, in PEM, without a password.',
    parse: text(),
  },
  SKYCRATE_DATA: {
    description: 'Data folder of the embedded database and store.',
    fallback: './data',
    parse: text(),
  },
  SKYCRATE_ADMIN_EMAIL: {
    description: 'E-mail address of the first administrator, who is created when there is no administrator.',
    fallback: 'admin@localhost',
    parse: email,
  },
  SKYCRATE_ADMIN_PASSWORD: {
    description:
      "The first administrator's password, at least 15 characters. If absent, a password is generated and shown once.",
    secret: true,
    parse: text(/^.{15,1024}$/su, 'must have at least 15 characters'),
  },
  SKYCRATE_SECRET: {
    description:
      'Encrypts the private token keys in the database and derives refresh tokens; at least 32 characters. If absent, a secret is generated and stored in the data folder. Required with DATABASE_URL in production or with an external store.',
    secret: true,
    parse: text(/^.{32,1024}$/su, 'must have at least 32 characters'),
  },
  SKYCRATE_SMTP_URL: {
    description:
      'SMTP server for mails: smtp:// with STARTTLS, or smtps://, with user and password. `?tls=none` disables TLS. If absent, mails are kept in the outbox, which administrators read in the web app.',
    secret: true,
    parse: parseSmtpUrl,
  },
  SKYCRATE_MAIL_FROM: {
    description: 'Sender address of mails. Default: skycrate@ and the host of SKYCRATE_PUBLIC_URL.',
    parse: mailAddress,
  },
  SKYCRATE_ACCESS_TOKEN_MINUTES: {
    description: 'Minutes that an access token of a built-in account is valid.',
    fallback: '30',
    parse: integer(1, 60),
  },
  SKYCRATE_ID_TOKEN_MINUTES: {
    description: 'Minutes that an ID token of a built-in account is valid.',
    fallback: '60',
    parse: integer(5, 1440),
  },
  SKYCRATE_REFRESH_TOKEN_DAYS: {
    description:
      'Days after the sign-in at which a session of a built-in account ends, however often it was refreshed.',
    fallback: '30',
    parse: integer(1, 30),
  },
  SKYCRATE_SIGNING_KEY_DAYS: {
    description: 'Days that a key signs tokens of built-in accounts before a new one takes its place.',
    fallback: '90',
    parse: integer(1, 365),
  },
  SKYCRATE_ACCOUNT_GRACE_DAYS: {
    description: 'Days after which the account of a user who deleted it is gone. Signing in before keeps it.',
    fallback: '7',
    parse: integer(0, 90),
  },
  SKYCRATE_SIGN_UP: {
    description:
      'Who may open a built-in account: anybody (open), invited e-mail addresses (invitation), or nobody (closed). A code by mail confirms the address.',
    fallback: 'closed',
    parse: oneOf('open', 'invitation', 'closed'),
  },
  SKYCRATE_SIGN_UP_DOMAINS: {
    description: 'Domains whose e-mail addresses may sign up, separated by commas. Default: any.',
    fallback: '',
    parse: parseDomains,
  },
  SKYCRATE_APP_CLIENTS: {
    description: 'Client ids that apps may name at /cognito-idp. Default: any.',
    fallback: '',
    parse: parseAppClients,
  },
  SKYCRATE_PRODUCTION: {
    description:
      'Refuses to start with settings that are unsafe on a public network. Default: true when database and store are both external.',
    parse: boolean,
  },
  SKYCRATE_ISSUERS: {
    description: 'Issuers whose tokens are accepted, as a JSON array. See the guide on issuers.',
    fallback: '[]',
    secret: true,
    parse: parseIssuers,
  },
  SKYCRATE_HOME_LAYOUT: {
    description:
      "Layout of users' homes: one bucket per user, or one prefix per user in the library bucket. Default: shared-bucket on AWS, bucket-per-user elsewhere.",
    parse: oneOf('bucket-per-user', 'shared-bucket'),
  },
  SKYCRATE_LIBRARY_BUCKET: {
    description:
      'Bucket of the public, protected and private access levels. Default: skycrate-library on the embedded store, none elsewhere.',
    parse: bucket,
  },
  SKYCRATE_STRICT_PROVISIONING: {
    description:
      'Refuses homes and new buckets if the store cannot apply a protective setting. Default: true on AWS and the embedded store, false elsewhere.',
    parse: boolean,
  },
  SKYCRATE_KMS_KEY_ID: { description: 'Encrypts new buckets with this KMS key instead of AES256.', parse: text() },
  SKYCRATE_GUESTS: {
    description: 'Lets callers who are not signed in use the guest permissions.',
    fallback: 'false',
    parse: boolean,
  },
  SKYCRATE_CDN_KEYS: {
    description:
      'Private keys that sign URLs and cookies for CloudFront, as a JSON array of objects with id and privateKey (PEM). See the guide on delivery by CloudFront.',
    fallback: '[]',
    secret: true,
    parse: parseCdnKeys,
  },
  SKYCRATE_SESSION_IDLE_MINUTES: {
    description: 'Minutes without use after which a sign-in in the browser ends.',
    fallback: '30',
    parse: integer(5, 43_200),
  },
  SKYCRATE_BROWSER_SESSION_DAYS: {
    description: 'Days after which a sign-in in the browser ends, used or not.',
    fallback: '30',
    parse: integer(1, 400),
  },
  SKYCRATE_CREDENTIALS_MAX_MINUTES: {
    description:
      'Minutes that temporary credentials are valid at most. A store cannot end them, so they outlive a sign-out by up to this long. On AWS no more than the maximum session duration of the role.',
    fallback: '720',
    parse: integer(15, 720),
  },
  SKYCRATE_TOKEN_MAX_DAYS: {
    description: 'Days that an access token of a user may be valid at most. 0 turns access tokens off.',
    fallback: '365',
    parse: integer(0, 3650),
  },
  SKYCRATE_VERSION_RETENTION_DAYS: {
    description:
      'Days to keep replaced and deleted versions in buckets that SkyCrate creates, where a bucket has no retention of its own. A change applies to existing buckets too.',
    fallback: '30',
    parse: integer(1, 36_500),
  },
  SKYCRATE_AUDIT_RETENTION_DAYS: {
    description:
      'Days to keep audit events. Events are deleted by month, once the last day of the month is older. 0 keeps all events.',
    fallback: '0',
    parse: integer(0, 36_500),
  },
  SKYCRATE_STORAGE_CLASSES: {
    description:
      'Storage classes that the store has, separated by commas. Default: those of Amazon S3 on AWS and on the embedded store, STANDARD elsewhere.',
    parse: storageClasses,
  },
  SKYCRATE_PRICES: {
    description:
      'Price file of the store, as JSON. Default: the prices of Amazon S3 that come with SkyCrate. See the guide on cost.',
    parse: readPriceFile,
  },
  SKYCRATE_USER_RATE: {
    description:
      'Requests per second for each user, across all processes. Bursts of ten seconds are allowed. Administrators are not limited. 0 disables the limit.',
    fallback: '5000',
    parse: integer(0, 1_000_000),
  },
  SKYCRATE_GUEST_RATE: {
    description:
      'Requests per second without sign-in for each IPv4 address or IPv6 /64 network. Bursts of ten seconds are allowed. 0 disables the limit.',
    fallback: '50',
    parse: integer(0, 1_000_000),
  },
  SKYCRATE_DENIAL_RATE: {
    description:
      'Distinct denials per second that are recorded for each user or network. Bursts of one minute are allowed. Further denials are answered with 429. 0 disables the limit.',
    fallback: '5',
    parse: integer(0, 1_000_000),
  },
  SKYCRATE_WEB_ORIGINS: {
    description:
      'Additional origins whose pages may call the API and the buckets, separated by commas. Wildcards are not supported.',
    fallback: '',
    parse: parseOrigins,
  },
  SKYCRATE_METRICS_TOKEN: {
    description:
      'Bearer token for Prometheus metrics of the API at /metrics, at least 16 characters. If absent, there are no metrics.',
    secret: true,
    parse: text(/^[\x21-\x7e]{16,}$/, 'must be at least 16 visible ASCII characters'),
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    description:
      'Base URL of an OpenTelemetry collector that takes traces by OTLP/HTTP, such as http://localhost:4318. If absent, there are no traces.',
    parse: collector,
  },
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: {
    description: 'URL to which traces are posted. Default: OTEL_EXPORTER_OTLP_ENDPOINT and /v1/traces.',
    parse: collector,
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    description: 'Headers for the collector: name=value pairs, separated by commas, values percent-encoded.',
    fallback: '',
    secret: true,
    parse: collectorHeaders,
  },
  OTEL_SERVICE_NAME: { description: 'Name of this service in traces.', fallback: 'skycrate', parse: text() },
  OTEL_TRACES_SAMPLER_ARG: {
    description:
      'Share of requests and jobs that have a trace, from 0 to 1. A request that says how its trace is sampled is sampled as it says.',
    fallback: '1',
    parse: share,
  },
  SKYCRATE_LOG_LEVEL: {
    description: 'Log level.',
    fallback: 'info',
    parse: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
  },
  SKYCRATE_LOG_KEYS: { description: 'Whether logs may contain object keys.', fallback: 'true', parse: boolean },
  SKYCRATE_TRUST_PROXY: {
    description:
      'Reads the client address from X-Forwarded-For: the entry of the proxy in front (true), or of the outermost of this number of proxies.',
    fallback: 'false',
    parse: proxies,
  },
  SKYCRATE_S3_HOST: {
    description: 'Address that the embedded S3 store listens on.',
    fallback: '127.0.0.1',
    parse: text(),
  },
  SKYCRATE_S3_PORT: { description: 'Port of the embedded S3 store.', fallback: '9000', parse: integer(0, 65_535) },
  SKYCRATE_S3_TLS_CERT: {
    description:
      'File with the certificate of the embedded store, in PEM. Default: SKYCRATE_TLS_CERT. Only for the embedded store.',
    parse: text(),
  },
  SKYCRATE_S3_TLS_KEY: {
    description:
      'File with the private key of SKYCRATE_S3_TLS_CERT, in PEM, without a password. Default: SKYCRATE_TLS_KEY. Only for the embedded store.',
    parse: text(),
  },
  SKYCRATE_S3_WEBHOOKS: {
    description:
      'Webhooks that can receive events of the embedded store, as a JSON array. See the guide on store events. Only for the embedded store.',
    secret: true,
    parse: parseWebhooks,
  },
  SKYCRATE_S3_WEBHOOK_MAX_AGE: {
    description: 'Hours to retry the delivery of an event. Default: 24. Only for the embedded store.',
    parse: integer(1, 336),
  },
  SKYCRATE_S3_METRICS_PORT: {
    description:
      "Port of the embedded store's Prometheus metrics, without authentication. If absent, metrics are disabled. Only for the embedded store.",
    parse: integer(0, 65_535),
  },
  SKYCRATE_S3_MAX_CONNECTIONS_PER_ADDRESS: {
    description:
      'Maximum concurrent connections to the embedded store per client address. Default: 512; no limit if S3_PUBLIC_ENDPOINT is https and the store has no certificate, since all connections then come from the proxy. Only for the embedded store.',
    parse: integer(1, 65_535),
  },
  SKYCRATE_S3_METRICS_HOST: {
    description: 'Address that the metrics port listens on. Do not expose it to untrusted networks.',
    fallback: '127.0.0.1',
    parse: text(),
  },
  SKYCRATE_DATABASE_WAIT: {
    description: 'Seconds to wait for the database at startup.',
    fallback: '60',
    parse: integer(0, 3600),
  },
  DATABASE_URL: {
    description: 'URL of a PostgreSQL 14 or later. If absent, the embedded PostgreSQL is used.',
    secret: true,
    parse: databaseUrl,
  },
  DATABASE_READ_URL: {
    description:
      'URL of a streaming replica of DATABASE_URL. Lists of users and permissions, the audit log and statistics are read there. Default: everything is read from DATABASE_URL.',
    secret: true,
    parse: databaseUrl,
  },
  DATABASE_READ_MAX_LAG: {
    description: 'Seconds that the replica may be behind. If it is further behind, SkyCrate reads from DATABASE_URL.',
    fallback: '5',
    parse: integer(1, 300),
  },
  S3_ENDPOINT: {
    description:
      'Endpoint of the S3 store, for example https://s3.eu-central-1.amazonaws.com. If absent, the embedded store is used.',
    parse: origin,
  },
  S3_PUBLIC_ENDPOINT: {
    description: 'Endpoint that clients use for the store, if it differs from S3_ENDPOINT. Presigned URLs use it.',
    parse: origin,
  },
  S3_REGION: {
    description: 'Region of the store.',
    fallback: 'us-east-1',
    parse: text(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be a region such as eu-central-1 or RegionOne'),
  },
  S3_ADDRESSING: {
    description: 'Bucket name in the path or in the host name. Default: virtual on AWS, path elsewhere.',
    parse: oneOf('path', 'virtual'),
  },
  S3_ACCESS_KEY_ID: {
    description: "The store's access key ID. If absent on AWS, the role of the machine or task is used.",
    parse: text(),
  },
  S3_SECRET_ACCESS_KEY: { description: "The store's secret access key.", secret: true, parse: text() },
  S3_ROLE_ARN: {
    description:
      'Role that temporary credentials assume, for example arn:aws:iam::123456789012:role/skycrate-users. If absent, only the embedded store issues temporary credentials.',
    parse: text(/^arn:[\w-]+:iam::\d*:role\/[\w+=,.@/-]+$/, 'must be the ARN of a role'),
  },
  S3_SESSION_TOKEN: {
    description: "Session token, if the store's access key is temporary.",
    secret: true,
    parse: text(),
  },
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
