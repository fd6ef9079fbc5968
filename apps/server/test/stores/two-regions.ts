import { createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type S3Fixture, startS3Fixture } from '../homes/s3-fixture.ts'

export const HERE = 'us-east-1'
export const THERE = 'eu-west-1'

export interface TwoRegions extends AsyncDisposable {
  readonly url: string
  readonly regions: Readonly<Record<typeof HERE | typeof THERE, S3Fixture>>
  /** Requests that were signed for the wrong region so far. */
  readonly misdirected: readonly string[]
}

/**
 * One endpoint before two real stores, as AWS's is before its regions: what is signed for another region than the
 * bucket's is sent back with the right one.
 */
export async function startTwoRegions(): Promise<TwoRegions> {
  const regions = { [HERE]: await startS3Fixture(HERE), [THERE]: await startS3Fixture(THERE) }
  const misdirected: string[] = []

  async function regionOf(bucket: string): Promise<typeof HERE | typeof THERE | undefined> {
    for (const region of [HERE, THERE] as const) if ((await regions[region].buckets()).includes(bucket)) return region
    return undefined
  }

  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '' } = incoming
    const { pathname, searchParams } = new URL(path, 'http://any')
    const scope =
      searchParams.get('X-Amz-Credential') ?? /Credential=([^,]+)/.exec(incoming.headers.authorization ?? '')?.[1]
    const signedFor = scope?.split('/')[2] === THERE ? THERE : HERE
    const bucket = pathname.split('/')[1] ?? ''
    const region = (bucket === '' ? undefined : await regionOf(bucket)) ?? signedFor
    if (region !== signedFor) {
      misdirected.push(`${method} ${path}`)
      incoming.resume()
      response.writeHead(301, { 'x-amz-bucket-region': region, 'content-type': 'application/xml' })
      response.end(method === 'HEAD' ? '' : `<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>`)
      return
    }
    const { hostname, port } = new URL(regions[region].url)
    const outgoing = httpRequest(
      { hostname, port, method, path, headers: incoming.headers, agent: false },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    outgoing.on('error', () => response.destroy())
    incoming.pipe(outgoing)
  }

  const server = createServer((incoming, response) => void pass(incoming, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    regions,
    misdirected,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
      for (const fixture of Object.values(regions)) await fixture[Symbol.asyncDispose]()
    },
  }
}
