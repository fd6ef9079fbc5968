import { createClient, type SkyCrateClient } from '../client.ts'
import type { TokenStore } from '../sessions/token-store.ts'
import { createStorage, type Storage } from '../storage/storage.ts'
import { type AmplifyConfig, type AmplifySettings, readAmplifyConfig } from './amplify-config.ts'
import { amplifyTokenStore } from './stored-tokens.ts'

export interface ConfiguredApp {
  readonly settings: AmplifySettings
  readonly tokens: TokenStore
  readonly client: SkyCrateClient
  /** @throws Error where no bucket is configured */
  readonly storage: () => Storage
}

export interface AmplifyApp {
  /** @returns the configuration. What it is called with twice is joined, as the parts of an app do. */
  readonly configure: (config?: AmplifyConfig) => AmplifyConfig
  /** @throws Error before `configure` */
  current(): ConfiguredApp
}

export function createAmplifyApp(): AmplifyApp {
  let config: AmplifyConfig = {}
  let app: ConfiguredApp | undefined

  return {
    configure(more = {}) {
      config = {
        ...config,
        ...more,
        ...(more.Auth && { Auth: { ...config.Auth, ...more.Auth } }),
        ...(more.Storage && { Storage: { ...config.Storage, ...more.Storage } }),
      }
      app = undefined
      return config
    },
    current: () => (app ??= start(readAmplifyConfig(config))),
  }
}

function start(settings: AmplifySettings): ConfiguredApp {
  const { baseUrl, bucket, clientId, storage: kept } = settings
  const tokens = amplifyTokenStore(clientId, kept)
  const client = createClient({ baseUrl, tokens })
  const storage = bucket === undefined ? undefined : createStorage(client, { bucket })
  return {
    settings,
    tokens,
    client,
    storage() {
      if (!storage) throw new Error('Set Storage.AWSS3.bucket to the bucket of the access levels.')
      return storage
    },
  }
}
