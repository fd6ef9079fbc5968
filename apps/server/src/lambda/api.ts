import { type HttpEvent, type HttpResult, requestOf, resultOf } from './events.ts'
import { start, type Started } from './start.ts'

let starting: Promise<Started> | undefined

/**
 * The whole application behind one function: events of API Gateway (1.0 and 2.0) and of a function URL. What could not
 * start is tried again at the next event.
 */
export async function handler(event: HttpEvent): Promise<HttpResult> {
  starting ??= start(process.env).catch((error: unknown) => {
    starting = undefined
    throw error
  })
  const { app, tellOfGap } = await starting
  tellOfGap()
  const { method, url, headers, payload, remoteAddress } = requestOf(event)
  const answer = await app.inject({
    method: method as 'GET',
    url,
    headers,
    remoteAddress,
    ...(payload === undefined ? {} : { payload }),
  })
  return resultOf(event, answer)
}
