/** An HTTP request as API Gateway (payload formats 1.0 and 2.0) and function URLs (2.0) hand it to a function. */
export interface HttpEvent {
  readonly version?: string
  readonly headers?: Readonly<Record<string, string | undefined>> | null
  readonly body?: string | null
  readonly isBase64Encoded?: boolean
  /** 2.0 */
  readonly rawPath?: string
  readonly rawQueryString?: string
  readonly cookies?: readonly string[]
  /** 1.0 */
  readonly httpMethod?: string
  readonly path?: string
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[] | undefined>> | null
  readonly multiValueQueryStringParameters?: Readonly<Record<string, readonly string[] | undefined>> | null
  readonly requestContext: {
    readonly path?: string
    readonly http?: { readonly method: string; readonly sourceIp: string }
    readonly identity?: { readonly sourceIp: string }
  }
}

export interface HttpRequest {
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string | string[]>
  readonly payload: Buffer | undefined
  readonly remoteAddress: string
}

export interface HttpResult {
  readonly statusCode: number
  readonly headers: Record<string, string>
  readonly multiValueHeaders?: Record<string, string[]>
  readonly cookies?: string[]
  readonly body: string
  readonly isBase64Encoded: boolean
}

const isSecond = ({ version }: HttpEvent): boolean => version === '2.0'

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
export function requestOf(event: HttpEvent): HttpRequest {
  const { body, requestContext } = event
  const payload =
    body === undefined || body === null ? undefined : Buffer.from(body, event.isBase64Encoded ? 'base64' : 'utf8')
  const headers: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(event.headers ?? {})) {
    if (value !== undefined) headers[name.toLowerCase()] = value
  }
  if (isSecond(event)) {
    if (event.cookies !== undefined) headers['cookie'] = event.cookies.join('; ')
    const query = event.rawQueryString ? `?${event.rawQueryString}` : ''
    return {
      method: requestContext.http!.method,
      url: `${event.rawPath ?? '/'}${query}`,
      headers,
      payload,
      remoteAddress: requestContext.http!.sourceIp,
    }
  }
  for (const [name, values] of Object.entries(event.multiValueHeaders ?? {})) {
    if (values === undefined) continue
    const lower = name.toLowerCase()
    headers[lower] = values.length === 1 ? values[0]! : lower === 'cookie' ? values.join('; ') : [...values]
  }
  const query = Object.entries(event.multiValueQueryStringParameters ?? {}).flatMap(([name, values]) =>
    (values ?? []).map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
  )
  return {
    method: event.httpMethod ?? 'GET',
    url: `${event.path ?? '/'}${query.length === 0 ? '' : `?${query.join('&')}`}`,
    headers,
    payload,
    remoteAddress: requestContext.identity?.sourceIp ?? '127.0.0.1',
  }
}

const TEXT = /^(text\/|application\/(json|problem\+json|javascript|xml|openmetrics-text))|\+xml/

export function resultOf(
  event: HttpEvent,
  answer: {
    readonly statusCode: number
    readonly headers: Readonly<Record<string, number | string | string[] | undefined>>
    readonly rawPayload: Buffer
  },
): HttpResult {
  const headers: Record<string, string> = {}
  const cookies: string[] = []
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value === undefined || name === 'transfer-encoding' || name === 'connection') continue
    if (name === 'set-cookie') cookies.push(...[value].flat().map(String))
    else headers[name] = Array.isArray(value) ? value.join(', ') : String(value)
  }
  const isText = TEXT.test(headers['content-type'] ?? '') && headers['content-encoding'] === undefined
  return {
    statusCode: answer.statusCode,
    headers,
    ...(isSecond(event) ? { cookies } : cookies.length > 0 ? { multiValueHeaders: { 'set-cookie': cookies } } : {}),
    body: answer.rawPayload.toString(isText ? 'utf8' : 'base64'),
    isBase64Encoded: !isText,
  }
}
