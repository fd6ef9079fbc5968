import { resolve } from 'node:path'
import { isLoopback } from '@skycrate/issuer-keys/loopback'
import { isTrustworthy } from '@skycrate/issuer-keys/trustworthy-url'
import type { Config, StoreConfig } from './config.ts'
import { mailConfig } from './mail.ts'
import type { Settings } from './settings.ts'
import { S3_CLASSES } from '../stores/storage-classes.ts'
import type { CertificateFiles } from '../tls/certificate.ts'
import { isWeakSecret } from './weak-secret.ts'

const AWS_ENDPOINT = /^https:\/\/s3[.-].*amazonaws\.com(\.cn)?$/

/** What an external store would never hear of. */
const EMBEDDED_ONLY = [
  'SKYCRATE_S3_TLS_CERT',
  'SKYCRATE_S3_TLS_KEY',
  'SKYCRATE_S3_WEBHOOKS',
  'SKYCRATE_S3_WEBHOOK_MAX_AGE',
  'SKYCRATE_S3_MAX_CONNECTIONS_PER_ADDRESS',
  'SKYCRATE_S3_METRICS_PORT',
] as const

/** From flat settings to the program's configuration, with the mistakes that only show between settings. */
export function nestConfig(settings: Settings): { config: Config; mistakes: string[] } {
  const mistakes: string[] = []
  const tls = certificateFiles(settings, ['SKYCRATE_TLS_CERT', 'SKYCRATE_TLS_KEY'], mistakes)
  const publicUrl =
    settings.SKYCRATE_PUBLIC_URL ?? `${tls ? 'https' : 'http'}://localhost:${settings.SKYCRATE_HTTP_PORT}`
  if (tls && publicUrl.startsWith('http:')) {
    mistakes.push('SKYCRATE_PUBLIC_URL must be https with SKYCRATE_TLS_CERT: nothing answers at an http URL then')
  }
  const store = storeConfig(settings, { tls, hostname: new URL(publicUrl).hostname }, mistakes)
  const production = settings.SKYCRATE_PRODUCTION ?? (settings.DATABASE_URL !== undefined && store.kind !== 'embedded')
  const layout = settings.SKYCRATE_HOME_LAYOUT ?? (store.kind === 'aws' ? 'shared-bucket' : 'bucket-per-user')
  const libraryBucket = settings.SKYCRATE_LIBRARY_BUCKET ?? (store.kind === 'embedded' ? 'skycrate-library' : undefined)
  if (layout === 'shared-bucket' && libraryBucket === undefined) {
    mistakes.push('SKYCRATE_LIBRARY_BUCKET is needed: homes in the shared-bucket layout live in it')
  }
  if (settings.DATABASE_READ_URL !== undefined && settings.DATABASE_URL === undefined) {
    mistakes.push('DATABASE_URL is needed with DATABASE_READ_URL: the embedded PostgreSQL has no replicas')
  }
  const keepsSecret = settings.DATABASE_URL === undefined || (store.kind === 'embedded' && !production)
  if (settings.SKYCRATE_SECRET === undefined && !keepsSecret) {
    mistakes.push(
      'SKYCRATE_SECRET is needed with DATABASE_URL: every process must seal and open keys with the same secret',
    )
  }
  // Their URLs are not repeated: one with a password in it is such a mistake.
  const demand = `must be https${production ? ' in production' : ', or on loopback'}, without a password or a fragment`
  for (const [at, { issuer, jwksUri }] of settings.SKYCRATE_ISSUERS.entries()) {
    if (!isTrustworthy(issuer, !production)) mistakes.push(`SKYCRATE_ISSUERS: /${at}/issuer ${demand}`)
    if (jwksUri === undefined || isTrustworthy(jwksUri, !production)) continue
    mistakes.push(`SKYCRATE_ISSUERS: /${at}/jwksUri ${demand}`)
  }
  if (production) mistakes.push(...unsafe(settings, publicUrl, store))
  // A page that somebody uploads must not run with the session of whoever opens it.
  if (store.publicEndpoint === publicUrl) {
    const name = settings.S3_PUBLIC_ENDPOINT === undefined ? 'S3_ENDPOINT' : 'S3_PUBLIC_ENDPOINT'
    mistakes.push(`${name} must not be the origin of SkyCrate itself: uploaded pages would run as part of the web app`)
  }
  const config: Config = {
    production,
    dataDir: resolve(settings.SKYCRATE_DATA),
    http: {
      host: settings.SKYCRATE_HTTP_HOST,
      port: settings.SKYCRATE_HTTP_PORT,
      publicUrl,
      tls,
      trustedProxies: settings.SKYCRATE_TRUST_PROXY,
      webOrigins: settings.SKYCRATE_WEB_ORIGINS,
    },
    metricsToken: settings.SKYCRATE_METRICS_TOKEN,
    tracing: tracingConfig(settings),
    log: { level: settings.SKYCRATE_LOG_LEVEL, keys: settings.SKYCRATE_LOG_KEYS },
    database:
      settings.DATABASE_URL === undefined
        ? { kind: 'embedded' }
        : {
            kind: 'external',
            url: settings.DATABASE_URL,
            waitSeconds: settings.SKYCRATE_DATABASE_WAIT,
            replica:
              settings.DATABASE_READ_URL === undefined
                ? undefined
                : { url: settings.DATABASE_READ_URL, maxLagSeconds: settings.DATABASE_READ_MAX_LAG },
          },
    store,
    homes: {
      layout,
      libraryBucket,
      strict: settings.SKYCRATE_STRICT_PROVISIONING ?? store.kind !== 's3',
      kmsKeyId: settings.SKYCRATE_KMS_KEY_ID,
      versionRetentionDays: settings.SKYCRATE_VERSION_RETENTION_DAYS,
    },
    guests: settings.SKYCRATE_GUESTS,
    cdnKeys: settings.SKYCRATE_CDN_KEYS,
    browserSessions: {
      idleMinutes: settings.SKYCRATE_SESSION_IDLE_MINUTES,
      days: settings.SKYCRATE_BROWSER_SESSION_DAYS,
    },
    credentialsMaxSeconds: settings.SKYCRATE_CREDENTIALS_MAX_MINUTES * 60,
    tokenMaxDays: settings.SKYCRATE_TOKEN_MAX_DAYS,
    storageClasses: settings.SKYCRATE_STORAGE_CLASSES ?? (store.kind === 's3' ? ['STANDARD'] : S3_CLASSES),
    prices: settings.SKYCRATE_PRICES,
    auditRetentionDays: settings.SKYCRATE_AUDIT_RETENTION_DAYS,
    rates: {
      user: settings.SKYCRATE_USER_RATE,
      guest: settings.SKYCRATE_GUEST_RATE,
      denial: settings.SKYCRATE_DENIAL_RATE,
    },
    issuers: settings.SKYCRATE_ISSUERS,
    admin: { email: settings.SKYCRATE_ADMIN_EMAIL, password: settings.SKYCRATE_ADMIN_PASSWORD },
    tokens: {
      accessSeconds: settings.SKYCRATE_ACCESS_TOKEN_MINUTES * 60,
      idSeconds: settings.SKYCRATE_ID_TOKEN_MINUTES * 60,
      sessionDays: settings.SKYCRATE_REFRESH_TOKEN_DAYS,
      signingKeyDays: settings.SKYCRATE_SIGNING_KEY_DAYS,
    },
    accountGraceDays: settings.SKYCRATE_ACCOUNT_GRACE_DAYS,
    signUp: { mode: settings.SKYCRATE_SIGN_UP, domains: settings.SKYCRATE_SIGN_UP_DOMAINS },
    appClients: settings.SKYCRATE_APP_CLIENTS,
    mail: mailConfig(settings.SKYCRATE_SMTP_URL, settings.SKYCRATE_MAIL_FROM, publicUrl),
    secret: settings.SKYCRATE_SECRET,
  }
  return { config, mistakes }
}

/** What must not be reachable by the public. Loopback is reached by nobody else, and is how a test tries production. */
function unsafe(settings: Settings, publicUrl: string, store: StoreConfig): string[] {
  const mistakes: string[] = []
  const isPlain = (url: string): boolean => url.startsWith('http:') && !isLoopback(url)
  if (settings.SKYCRATE_PUBLIC_URL === undefined) {
    mistakes.push(
      'SKYCRATE_PUBLIC_URL is needed in production: it is the issuer of tokens and the origin of the web app',
    )
  } else if (isPlain(publicUrl)) mistakes.push('SKYCRATE_PUBLIC_URL must be https in production')
  if (store.publicEndpoint !== undefined && isPlain(store.publicEndpoint)) {
    mistakes.push(
      settings.S3_PUBLIC_ENDPOINT === undefined
        ? 'S3_PUBLIC_ENDPOINT must be set to an https URL in production: presigned URLs would point to S3_ENDPOINT, which is http'
        : 'S3_PUBLIC_ENDPOINT must be https in production',
    )
  }
  if (settings.SKYCRATE_SECRET !== undefined && isWeakSecret(settings.SKYCRATE_SECRET)) {
    mistakes.push(
      'SKYCRATE_SECRET can be guessed: set it to random characters, such as those of openssl rand -base64 32',
    )
  }
  const smtp = settings.SKYCRATE_SMTP_URL
  if (smtp?.security === 'none' && smtp.password !== undefined && !isLoopback(`http://${smtp.host}`)) {
    mistakes.push(
      'SKYCRATE_SMTP_URL must not have a password with tls=none in production: anybody on the way could read it',
    )
  }
  return mistakes
}

function tracingConfig(settings: Settings): Config['tracing'] {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own } = settings
  const url = own ?? (base === undefined ? undefined : `${base}/v1/traces`)
  return url === undefined
    ? undefined
    : {
        url,
        headers: settings.OTEL_EXPORTER_OTLP_HEADERS,
        serviceName: settings.OTEL_SERVICE_NAME,
        ratio: settings.OTEL_TRACES_SAMPLER_ARG,
      }
}

/** Undefined where none of the two is there. */
function certificateFiles(
  settings: Settings,
  names: readonly ['SKYCRATE_TLS_CERT', 'SKYCRATE_TLS_KEY'] | readonly ['SKYCRATE_S3_TLS_CERT', 'SKYCRATE_S3_TLS_KEY'],
  mistakes: string[],
): CertificateFiles | undefined {
  const [cert, key] = names.map((name) => settings[name])
  if (cert !== undefined && key !== undefined) {
    return { cert: resolve(cert), key: resolve(key), settings: { cert: names[0], key: names[1] } }
  }
  if (cert !== key) mistakes.push(`${names[0]} and ${names[1]} go together: one is missing`)
  return undefined
}

/** @param api what the API itself has, which the embedded store shares where it has no certificate of its own */
function storeConfig(
  settings: Settings,
  api: { readonly tls: CertificateFiles | undefined; readonly hostname: string },
  mistakes: string[],
): StoreConfig {
  const { S3_ENDPOINT: endpoint, S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = settings
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    mistakes.push('S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY go together: one is missing')
  }
  if (endpoint === undefined) {
    const { SKYCRATE_S3_WEBHOOK_MAX_AGE: maxAgeHours, SKYCRATE_S3_METRICS_PORT: metricsPort } = settings
    // Whatever their addresses: behind a forwarded port, counters could be everyone's.
    if (
      metricsPort === settings.SKYCRATE_HTTP_PORT ||
      (metricsPort === settings.SKYCRATE_S3_PORT && metricsPort !== 0)
    ) {
      mistakes.push("SKYCRATE_S3_METRICS_PORT must be a port of its own: the others are everyone's")
    }
    const tls = certificateFiles(settings, ['SKYCRATE_S3_TLS_CERT', 'SKYCRATE_S3_TLS_KEY'], mistakes) ?? api.tls
    if (tls && settings.S3_PUBLIC_ENDPOINT?.startsWith('http:')) {
      mistakes.push(`S3_PUBLIC_ENDPOINT must be https with ${tls.settings.cert}: the embedded store then speaks https`)
    }
    return {
      kind: 'embedded',
      host: settings.SKYCRATE_S3_HOST,
      port: settings.SKYCRATE_S3_PORT,
      region: settings.S3_REGION,
      tls: tls && { ...tls, hostname: api.hostname },
      publicEndpoint: settings.S3_PUBLIC_ENDPOINT,
      webhooks: settings.SKYCRATE_S3_WEBHOOKS ?? [],
      webhookMaxAge: maxAgeHours === undefined ? undefined : maxAgeHours * 3_600_000,
      maxConnectionsPerAddress: settings.SKYCRATE_S3_MAX_CONNECTIONS_PER_ADDRESS,
      metrics: metricsPort === undefined ? undefined : { host: settings.SKYCRATE_S3_METRICS_HOST, port: metricsPort },
    }
  }
  for (const name of EMBEDDED_ONLY) {
    if (settings[name] === undefined) continue
    mistakes.push(`${name} is for the embedded store alone: with S3_ENDPOINT, it is that store that has to be told`)
  }
  const kind = AWS_ENDPOINT.test(endpoint) ? 'aws' : 's3'
  if (kind === 's3' && accessKeyId === undefined) {
    mistakes.push('S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY are needed with S3_ENDPOINT (only AWS has roles)')
  }
  return {
    kind,
    endpoint,
    publicEndpoint: settings.S3_PUBLIC_ENDPOINT ?? endpoint,
    region: settings.S3_REGION,
    roleArn: settings.S3_ROLE_ARN,
    addressing: settings.S3_ADDRESSING ?? (kind === 'aws' ? 'virtual' : 'path'),
    credentials:
      accessKeyId === undefined || secretAccessKey === undefined
        ? undefined
        : {
            accessKeyId,
            secretAccessKey,
            ...(settings.S3_SESSION_TOKEN === undefined ? {} : { sessionToken: settings.S3_SESSION_TOKEN }),
          },
  }
}
