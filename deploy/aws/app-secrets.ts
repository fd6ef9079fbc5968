import { SecretValue } from 'aws-cdk-lib'
import type * as kms from 'aws-cdk-lib/aws-kms'
import * as secrets from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'

export interface AppSecrets {
  readonly secret: secrets.Secret
  readonly cdnKeys: secrets.Secret
}

/** What SkyCrate is told in secret, whatever runs it. */
export const appSecrets = (scope: Construct, key: kms.IKey): AppSecrets => ({
  secret: new secrets.Secret(scope, 'Secret', {
    description: 'SKYCRATE_SECRET',
    encryptionKey: key,
    generateSecretString: { passwordLength: 48, excludePunctuation: true },
  }),
  cdnKeys: new secrets.Secret(scope, 'CdnKeys', {
    description: 'SKYCRATE_CDN_KEYS: put the JSON with the private key of signed delivery here',
    encryptionKey: key,
    secretStringValue: SecretValue.unsafePlainText('[]'),
  }),
})
