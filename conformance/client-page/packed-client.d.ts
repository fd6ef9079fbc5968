declare module '*.css'
declare module 'packed-client/adapters/uppy/uppy-s3' {
  export function createUppySignRequest(client: unknown, options: { bucket: string; prefix: string }): unknown
}
// The samples of docs/guides/clients.md.
declare module 'guide/client.mjs' {
  export const client: unknown
}
declare module 'guide/upload.mjs' {
  export function upload(file: File): Promise<void>
}
declare module 'guide/uppy.mjs' {
  import type Uppy from '@uppy/core'
  export const uppy: Uppy
}
declare module 'guide/uppy-parts.mjs' {
  import type Uppy from '@uppy/core'
  export const uppy: Uppy
}
declare module 'guide/storage-browser.tsx' {
  export const StorageBrowser: () => React.ReactNode
}
