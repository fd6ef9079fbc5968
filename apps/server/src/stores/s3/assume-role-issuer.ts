import { AssumeRoleCommand, STSClient, type STSClientConfig } from '@aws-sdk/client-sts'
import { AppError } from '../../errors/app-error.ts'
import type { CredentialIssuer } from '../credential-issuer.ts'
import { ownEndpoint, type StoreTarget } from '../store-target.ts'
import { regionalEndpoint } from './regional-endpoint.ts'
import { socketAgent } from './socket-agent.ts'
import { isUnavailable, storeError, storeFailure } from './store-failure.ts'

/** The embedded store holds each session to its policy, whatever its role is called. */
const EMBEDDED_ROLE = 'arn:aws:iam::000000000000:role/skycrate'
const REQUEST_TIMEOUT_MS = 15_000
const MAX_SOCKETS = 16

/** What a store answers that has no such operation. */
const UNKNOWN = new Set(['NotImplemented', 'MethodNotAllowed', 'InvalidAction', 'UnknownOperation', 'InvalidRequest'])

/** Credentials from STS AssumeRole, at AWS or at a store that has STS at the address of its S3 API. */
export function createAssumeRoleIssuer(
  target: StoreTarget,
  options: {
    readonly credentials: NonNullable<STSClientConfig['credentials']>
    /** Undefined: the store's own, as far as is known. */
    readonly regionOf: (bucket: string) => string | undefined
  },
): CredentialIssuer & { close(): void } {
  const { kind, region, socketPath, publicEndpoint } = target
  const roleArn = kind === 'embedded' ? EMBEDDED_ROLE : target.roleArn
  const client = new STSClient({
    region,
    credentials: options.credentials,
    ...(kind === 'aws' ? {} : { endpoint: ownEndpoint(target) }),
    requestHandler: {
      connectionTimeout: 5000,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      ...(socketPath === undefined ? {} : { httpAgent: socketAgent(socketPath, MAX_SOCKETS) }),
    },
  })
  return {
    // Ceph takes the escape's own characters for text, and so allows a place of another name.
    escapes: kind !== 's3',

    placeOf(bucket) {
      const found = options.regionOf(bucket) ?? region
      return { endpoint: regionalEndpoint(publicEndpoint, region, found), region: found }
    },

    async issue({ policy, sessionName, durationSeconds }) {
      if (roleArn === undefined) {
        throw new AppError(
          'credentials-unsupported',
          'No role is configured for temporary credentials. The operator can set S3_ROLE_ARN.',
        )
      }
      try {
        const command = new AssumeRoleCommand({
          RoleArn: roleArn,
          RoleSessionName: sessionName,
          Policy: policy,
          DurationSeconds: durationSeconds,
        })
        const { Credentials: given } = await client.send(command, {
          abortSignal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
        })
        if (!given?.AccessKeyId || !given.SecretAccessKey || !given.SessionToken || !given.Expiration) {
          throw new AppError('store-refused', undefined, { cause: new Error('STS answered without credentials') })
        }
        return {
          accessKeyId: given.AccessKeyId,
          secretAccessKey: given.SecretAccessKey,
          sessionToken: given.SessionToken,
          expiresAt: given.Expiration.getTime(),
        }
      } catch (error) {
        if (error instanceof AppError) throw error
        const failure = storeFailure(error)
        if (!isUnavailable(failure) && UNKNOWN.has(failure.code)) {
          throw new AppError('credentials-unsupported', 'The store does not issue temporary credentials.', {
            cause: error,
          })
        }
        throw storeError(error, 'assume the role for temporary credentials')
      }
    },

    close: () => client.destroy(),
  }
}
