import { RemovalPolicy } from 'aws-cdk-lib'
import type * as kms from 'aws-cdk-lib/aws-kms'
import * as logs from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'

/** A log group that is encrypted, and kept for a year. */
export const logGroup = (scope: Construct, id: string, key: kms.IKey, logGroupName?: string): logs.LogGroup =>
  new logs.LogGroup(scope, id, {
    encryptionKey: key,
    retention: logs.RetentionDays.ONE_YEAR,
    removalPolicy: RemovalPolicy.RETAIN,
    ...(logGroupName === undefined ? {} : { logGroupName }),
  })
