import { S3_ACTIONS_OF } from '@skycrate/core/access/session-policy'
import { type CallScope, SIGNED_CALLS, STORE_CALLS, type StoreCall, STS_CALLS } from './store-calls.ts'

export interface PolicyStatement {
  readonly Sid: string
  readonly Effect: 'Allow'
  readonly Action: readonly string[]
  readonly Resource: readonly string[]
}

export interface PolicyDocument {
  readonly Version: '2012-10-17'
  readonly Statement: readonly PolicyStatement[]
}

export interface PolicyPlaces {
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  readonly partition: string
  /** Names of buckets; `*` stands for any characters. */
  readonly buckets: readonly string[]
  /** What vended credentials assume; undefined: none are vended. */
  readonly roleArn?: string | undefined
  /** ARN of the key that encrypts the buckets; undefined: S3's own. */
  readonly kmsKeyArn?: string | undefined
}

/** What SkyCrate's own role must be allowed, and no more: made from the calls that its code sends. */
export function leastPolicy({ partition, buckets, roleArn, kmsKeyArn }: PolicyPlaces): PolicyDocument {
  const arns = buckets.map((name) => `arn:${partition}:s3:::${name}`)
  const allow = (Sid: string, Action: readonly string[], Resource: readonly string[]): PolicyStatement[] =>
    Action.length === 0 || Resource.length === 0 ? [] : [{ Sid, Effect: 'Allow', Action, Resource }]
  return {
    Version: '2012-10-17',
    Statement: [
      ...allow('FindBuckets', actionsOn('account'), ['*']),
      ...allow('Buckets', actionsOn('bucket'), arns),
      ...allow(
        'Objects',
        actionsOn('object'),
        arns.map((arn) => `${arn}/*`),
      ),
      ...allow('VendCredentials', STS_CALLS.AssumeRole.actions, roleArn === undefined ? [] : [roleArn]),
      ...allow('Encrypt', ['kms:Decrypt', 'kms:GenerateDataKey'], kmsKeyArn === undefined ? [] : [kmsKeyArn]),
    ],
  }
}

/** What the role of vended credentials must be allowed: their session policies only narrow it. */
export function vendedRolePolicy({ partition, buckets, kmsKeyArn }: PolicyPlaces): PolicyDocument {
  const arns = buckets.map((name) => `arn:${partition}:s3:::${name}`)
  const objects = [...new Set(Object.values(S3_ACTIONS_OF).flat())].toSorted()
  return {
    Version: '2012-10-17',
    Statement: [
      { Sid: 'List', Effect: 'Allow', Action: ['s3:ListBucket'], Resource: arns },
      { Sid: 'Objects', Effect: 'Allow', Action: objects, Resource: arns.map((arn) => `${arn}/*`) },
      ...(kmsKeyArn === undefined
        ? []
        : [
            {
              Sid: 'Encrypt',
              Effect: 'Allow' as const,
              Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
              Resource: [kmsKeyArn],
            },
          ]),
    ],
  }
}

/** Sorted, each once. */
function actionsOn(scope: CallScope): string[] {
  const calls: readonly StoreCall[] = [...Object.values(STORE_CALLS), ...SIGNED_CALLS]
  return [...new Set(calls.filter(({ on }) => on === scope).flatMap(({ actions }) => actions))].toSorted()
}
