import { Stack } from 'aws-cdk-lib'
import type * as iam from 'aws-cdk-lib/aws-iam'
import type { Storage } from './storage.ts'

/** Settings that may be seen, whatever runs SkyCrate. */
export function appSettings(options: {
  readonly domain: string
  readonly administrator: string
  readonly storage: Storage
  readonly vended: iam.IRole
  /** A JSON array, or undefined where the operator adds issuers in the web app. */
  readonly issuers?: string | undefined
}): Record<string, string> {
  const { domain, administrator, storage, vended, issuers } = options
  const { region } = Stack.of(storage)
  return {
    SKYCRATE_PRODUCTION: 'true',
    SKYCRATE_PUBLIC_URL: `https://${domain}`,
    SKYCRATE_ADMIN_EMAIL: administrator,
    SKYCRATE_HOME_LAYOUT: 'shared-bucket',
    SKYCRATE_LIBRARY_BUCKET: storage.library.bucketName,
    SKYCRATE_KMS_KEY_ID: storage.key.keyArn,
    SKYCRATE_LOG_KEYS: 'false',
    S3_ENDPOINT: `https://s3.${region}.amazonaws.com`,
    S3_REGION: region,
    S3_ROLE_ARN: vended.roleArn,
    ...(issuers === undefined ? {} : { SKYCRATE_ISSUERS: issuers }),
  }
}
