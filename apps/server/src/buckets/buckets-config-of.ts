import type { Config } from '../config/config.ts'
import type { StoreTarget } from '../stores/store-target.ts'
import type { BucketsConfig } from './buckets-config.ts'

/** @param webOrigins whose pages may talk to the buckets */
export function bucketsConfigOf(
  { homes, http, production, cdnKeys }: Pick<Config, 'homes' | 'http' | 'production' | 'cdnKeys'>,
  target: Pick<StoreTarget, 'endpoint' | 'publicEndpoint'> & Partial<Pick<StoreTarget, 'kind'>>,
  webOrigins: readonly string[],
): BucketsConfig {
  return {
    strict: homes.strict,
    encryption: homes.kmsKeyId === undefined ? 'AES256' : { kmsKeyId: homes.kmsKeyId },
    webOrigins,
    // SkyCrate itself comes by the one endpoint, its clients by the other: a policy must shut out neither.
    tlsOnly: [target.endpoint, target.publicEndpoint].every((endpoint) => endpoint.startsWith('https:')),
    retentionDays: homes.versionRetentionDays,
    // There is none in China.
    accelerates: target.kind === 'aws' && !target.endpoint.endsWith('.cn'),
    delivery: {
      keyIds: cdnKeys.map(({ id }) => id),
      publicUrl: http.publicUrl,
      allowInsecureLoopback: !production,
    },
  }
}
