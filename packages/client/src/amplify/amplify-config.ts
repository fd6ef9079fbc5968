/** Where tokens are kept, such as the browser's `localStorage`. */
export interface KeyValueStorage {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/** The part of Amplify 5's configuration that means something here; the rest may stay. */
export interface AmplifyConfig {
  readonly Auth?: {
    /** Such as `https://files.example.com/cognito-idp`. */
    readonly endpoint?: string
    readonly userPoolWebClientId?: string
    /** Any `REGION:UUID`; needed for credentials alone. */
    readonly identityPoolId?: string
    /** Default: `localStorage`, and the memory where there is none. */
    readonly storage?: KeyValueStorage
    readonly [other: string]: unknown
  }
  readonly Storage?: {
    readonly AWSS3?: { readonly bucket?: string; readonly [other: string]: unknown }
    readonly [other: string]: unknown
  }
  readonly [other: string]: unknown
}

export interface AmplifySettings {
  /** Of SkyCrate, without a slash at the end. */
  readonly baseUrl: string
  readonly clientId: string
  readonly identityPoolId: string
  readonly bucket: string | undefined
  readonly storage: KeyValueStorage | undefined
}

const POOL = 'skycrate:00000000-0000-0000-0000-000000000000'

/** @throws Error for a configuration that leads nowhere */
export function readAmplifyConfig({ Auth: auth = {}, Storage: storage = {} }: AmplifyConfig): AmplifySettings {
  const { endpoint, userPoolWebClientId, identityPoolId = POOL } = auth
  if (endpoint === undefined || !/\/cognito-idp\/?$/.test(endpoint)) {
    throw new Error('Set Auth.endpoint to the address of SkyCrate with /cognito-idp at its end.')
  }
  if (!userPoolWebClientId) throw new Error('Set Auth.userPoolWebClientId to a name of your app.')
  return {
    baseUrl: endpoint.replace(/\/cognito-idp\/?$/, ''),
    clientId: userPoolWebClientId,
    identityPoolId,
    bucket: storage.AWSS3?.bucket,
    storage: auth.storage,
  }
}
