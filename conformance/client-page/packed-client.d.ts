declare module '*.css'
declare module 'packed-client/client' {
  export interface Client {
    login(credentials: { email: string; password: string }): Promise<unknown>
  }
  export function createClient(options: { baseUrl: string }): Client
}
declare module 'packed-client/adapters/storage-browser/storage-browser-config' {
  import type { Client } from 'packed-client/client'
  export function createStorageBrowserConfig(client: Client, options: { region: string; endpoint: string }): object
}
declare module 'packed-client/adapters/uppy/uppy-s3' {
  import type { Client } from 'packed-client/client'
  export function createUppySignRequest(client: Client, options: { bucket: string; prefix: string }): unknown
  export function createUppyCredentials(client: Client, options: { bucket: string; prefix: string }): Promise<object>
}
