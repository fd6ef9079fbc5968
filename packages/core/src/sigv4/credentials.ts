/** What signs a request. A session token makes them temporary: it is sent and signed with every request. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}
