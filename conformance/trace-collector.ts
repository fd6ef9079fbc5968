import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A span as it came, with its attributes by name. */
export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly name: string
  readonly attributes: Readonly<Record<string, string | number | boolean>>
}

interface OtlpValue {
  readonly stringValue?: string
  readonly intValue?: number | string
  readonly doubleValue?: number
  readonly boolValue?: boolean
}

interface OtlpTraces {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly traceId: string
        readonly spanId: string
        readonly parentSpanId?: string
        readonly name: string
        readonly attributes?: readonly { readonly key: string; readonly value: OtlpValue }[]
      }[]
    }[]
  }[]
}

/** Takes traces by OTLP/HTTP in JSON, on loopback. */
export async function startTraceCollector(): Promise<
  AsyncDisposable & {
    readonly url: string
    readonly spans: readonly ReceivedSpan[]
    /** Everything that came, as it came. */
    text(): string
    readonly headers: readonly NodeJS.Dict<string | string[]>[]
  }
> {
  const spans: ReceivedSpan[] = []
  const bodies: string[] = []
  const headers: NodeJS.Dict<string | string[]>[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (request.url !== '/v1/traces' || request.headers['content-type'] !== 'application/json') {
        response.writeHead(404).end()
        return
      }
      headers.push(request.headers)
      bodies.push(Buffer.concat(chunks).toString())
      const { resourceSpans } = JSON.parse(bodies.at(-1)!) as OtlpTraces
      for (const { scopeSpans } of resourceSpans) {
        for (const span of scopeSpans.flatMap((each) => each.spans)) {
          const attributes = Object.fromEntries(
            (span.attributes ?? []).map(({ key, value }) => [
              key,
              value.stringValue ?? value.boolValue ?? Number(value.intValue ?? value.doubleValue),
            ]),
          )
          spans.push({ ...span, parentSpanId: span.parentSpanId || undefined, attributes })
        }
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    headers,
    text: () => bodies.join('\n'),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
