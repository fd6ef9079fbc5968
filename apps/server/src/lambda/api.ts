import { type HttpEvent, type HttpResult, requestOf, resultOf } from './events.ts'
import { start, type Started } from './start.ts'

/** A line of the log that wakes the function for jobs: this one does nothing between two events. */
const JOBS_WAIT = '{"skycrate":"jobs wait"}\n'

let jobsWait = false
let starting: Promise<Started> | undefined

/**
 * The whole application behind one function: events of API Gateway (1.0 and 2.0) and of a function URL. What could not
 * start is tried again at the next event.
 */
export async function handler(event: HttpEvent): Promise<HttpResult> {
  starting ??= start(process.env, () => (jobsWait = true)).catch((error: unknown) => {
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
  if (jobsWait) process.stdout.write(JOBS_WAIT)
  jobsWait = false
  return resultOf(event, answer)
}
