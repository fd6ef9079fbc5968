import { existsSync } from 'node:fs'
import { request } from 'node:http'
import { request as requestTls } from 'node:https'
import { join } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import type { Config } from '../config/config.ts'
import { embeddedEndpoints } from '../stores/embedded-endpoints.ts'
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
  const endpoints = embeddedEndpoints(store, store.port)
  if (store.port === 0 || !(await answers(endpoints.endpoint))) {
    return startEmbeddedStore({ dataDir: join(dataDir, 's3'), store, log: config.log, secrets, logger })
  }
  return {
    target: {
      kind: 'embedded',
      ...endpoints,
      region: store.region,
      addressing: 'path',
      credentials: { accessKeyId: secrets.s3AccessKeyId, secretAccessKey: secrets.s3SecretAccessKey },
    },
    async [Symbol.asyncDispose]() {},
  }
}

async function answers(endpoint: string): Promise<boolean> {
  const { protocol, hostname, port } = new URL(endpoint)
  // Whether its certificate is trusted is another question.
  const options = { method: 'HEAD', hostname, port, timeout: ANSWER_MS, agent: false }
  const asked = protocol === 'https:' ? requestTls({ ...options, rejectUnauthorized: false }) : request(options)
  const { promise, resolve } = Promise.withResolvers<boolean>()
  asked
    .once('response', (answer) => {
      answer.resume()
      resolve(true)
    })
    .once('timeout', () => asked.destroy(new Error('no answer in time')))
    .once('error', () => resolve(false))
    .end()
  return promise
}
