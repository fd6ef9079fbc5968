import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import type { Config } from '../config/config.ts'
import { embeddedSecrets } from '../embedded/secrets.ts'
import { startEmbeddedStore } from '../embedded/start-embedded-store.ts'
import type { StoreTarget } from '../stores/store-target.ts'

const ANSWER_MS = 15_000

/**
 * The store of a SkyCrate that may be running or stopped: an embedded one is started for as long as this is held where no
 * process runs it.
 * @throws Error with a message for the operator
 */
export async function reachStore(
  config: Config,
  logger: FastifyBaseLogger,
): Promise<{ readonly target: StoreTarget } & AsyncDisposable> {
  const { store, dataDir } = config
  if (store.kind !== 'embedded') return { target: store, async [Symbol.asyncDispose]() {} }
  if (!existsSync(join(dataDir, 's3'))) {
    throw new Error(
      `There is no store in the data folder ${dataDir}. Set SKYCRATE_DATA (or S3_ENDPOINT) as for the server`,
    )
  }
  const secrets = await embeddedSecrets(dataDir)
  const host = /^(0\.0\.0\.0|::)$/.test(store.host) ? '127.0.0.1' : store.host
  const endpoint = `http://${host.includes(':') ? `[${host}]` : host}:${store.port}`
  if (store.port === 0 || !(await answers(endpoint))) {
    return startEmbeddedStore({ dataDir: join(dataDir, 's3'), store, log: config.log, secrets, logger })
  }
  return {
    target: {
      kind: 'embedded',
      endpoint,
      publicEndpoint: store.publicEndpoint ?? endpoint,
      region: store.region,
      addressing: 'path',
      credentials: { accessKeyId: secrets.s3AccessKeyId, secretAccessKey: secrets.s3SecretAccessKey },
    },
    async [Symbol.asyncDispose]() {},
  }
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    const answer = await fetch(endpoint, { signal: AbortSignal.timeout(ANSWER_MS) })
    await answer.body?.cancel()
    return true
  } catch {
    return false
  }
}
