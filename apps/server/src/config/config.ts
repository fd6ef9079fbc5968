import type { PriceBook } from '@skycrate/core/economics/price-book'
import type { Credentials } from '@skycrate/core/sigv4/credentials'
import type { CertificateFiles } from '../tls/certificate.ts'
import type { Webhook } from '@skycrate/s3-server/notifications/webhook'
import type { CdnKey } from './cdn-keys.ts'
import type { ConfiguredIssuer } from './issuers.ts'
import type { MailConfig } from './mail.ts'

export type HomeLayout = 'bucket-per-user' | 'shared-bucket'

/** The settings as the program uses them. */
export interface Config {
  readonly production: boolean
  readonly dataDir: string
  readonly http: {
    readonly host: string
    readonly port: number
    readonly publicUrl: string
    /** Undefined: it speaks plain HTTP. */
    readonly tls: CertificateFiles | undefined
    /** Proxies in front whose entries in X-Forwarded-For are believed. */
    readonly trustedProxies: number
    readonly webOrigins: readonly string[]
  }
  /** What a scrape of `/metrics` must present; undefined: there are no metrics. */
  readonly metricsToken: string | undefined
  /** Where traces go; undefined: there are none. */
  readonly tracing:
    | {
        readonly url: string
        readonly headers: Readonly<Record<string, string>>
        readonly serviceName: string
        /** From 0 to 1. */
        readonly ratio: number
      }
    | undefined
  readonly log: { readonly level: string; readonly keys: boolean }
  readonly database:
    | { readonly kind: 'embedded' }
    | {
        readonly kind: 'external'
        readonly url: string
        readonly waitSeconds: number
        /** Undefined: everything is read at `url`. */
        readonly replica: { readonly url: string; readonly maxLagSeconds: number } | undefined
      }
  readonly store: StoreConfig
  readonly homes: {
    readonly layout: HomeLayout
    readonly libraryBucket: string | undefined
    readonly strict: boolean
    readonly kmsKeyId: string | undefined
    /** Days for which replaced and deleted versions are kept, in buckets that say nothing else. */
    readonly versionRetentionDays: number
  }
  readonly guests: boolean
  /** Keys that sign URLs for content delivery networks. */
  readonly cdnKeys: readonly CdnKey[]
  readonly browserSessions: { readonly idleMinutes: number; readonly days: number }
  /** Seconds that temporary credentials are valid at most. */
  readonly credentialsMaxSeconds: number
  /** Days that a personal access token lives at most; 0: there are none. */
  readonly tokenMaxDays: number
  /** That the store has. */
  readonly storageClasses: readonly string[]
  /** Of the operator's own file; undefined: those that come with SkyCrate. */
  readonly prices: PriceBook | undefined
  /** 0 keeps every audit event. */
  readonly auditRetentionDays: number
  /** Each a number per second; 0 for no limit. */
  readonly rates: { readonly user: number; readonly guest: number; readonly denial: number }
  readonly issuers: readonly ConfiguredIssuer[]
  readonly admin: { readonly email: string; readonly password: string | undefined }
  readonly mail: MailConfig
  readonly tokens: {
    readonly accessSeconds: number
    readonly idSeconds: number
    readonly sessionDays: number
    readonly signingKeyDays: number
  }
  /** Days after which an account that its user deleted is gone. */
  readonly accountGraceDays: number
  readonly signUp: { readonly mode: 'open' | 'invitation' | 'closed'; readonly domains: readonly string[] }
  /** Ids that apps may name at `/cognito-idp`; empty: any. */
  readonly appClients: readonly string[]
  /** Undefined where there is a data folder: then it is made and kept there. */
  readonly secret: string | undefined
}

export type StoreConfig =
  | {
      readonly kind: 'embedded'
      readonly host: string
      readonly port: number
      readonly region: string
      /** Undefined: it speaks plain HTTP. With the host name that the certificate is for. */
      readonly tls: (CertificateFiles & { readonly hostname: string }) | undefined
      /** Undefined: as the store itself listens. */
      readonly publicEndpoint: string | undefined
      readonly webhooks: readonly Webhook[]
      /** Milliseconds for which an event is tried; undefined: as long as the store does by itself. */
      readonly webhookMaxAge: number | undefined
      /** Undefined: the store's own default, or no limit behind a TLS proxy. */
      readonly maxConnectionsPerAddress: number | undefined
      /** Where its counters are told; undefined: nowhere. */
      readonly metrics: { readonly host: string; readonly port: number } | undefined
    }
  | {
      readonly kind: 'aws' | 's3'
      readonly endpoint: string
      readonly publicEndpoint: string
      readonly region: string
      readonly addressing: 'path' | 'virtual'
      /** Undefined on AWS: the default credential chain. */
      readonly credentials: Credentials | undefined
      /** The role that temporary credentials assume. */
      readonly roleArn: string | undefined
    }
