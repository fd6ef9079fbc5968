/** Something that is measured: where it is, whose processor time counts, and the request. */
export interface Target extends AsyncDisposable {
  readonly name: string
  readonly host: string
  readonly port: number
  /** Their descendants count as well. */
  readonly pids: readonly number[]
  readonly request: string
}

/** A POST as it goes on the wire. */
export function postRequest(path: string, host: string, body: object, token?: string): string {
  const text = JSON.stringify(body)
  return [
    `POST ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(text)}`,
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
    '',
    text,
  ].join('\r\n')
}
