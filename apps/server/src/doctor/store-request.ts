import { bad, good, type Verdict } from './finding.ts'

const REQUEST_MS = 15_000
/** Seconds that a URL of the doctor is good for. */
export const URL_SECONDS = 300
/** What it writes. */
export const TEXT = 'Written by the doctor of SkyCrate, and deleted at the end of its checks.\n'

export const PUBLIC =
  'Correct S3_PUBLIC_ENDPOINT, S3_REGION and S3_ADDRESSING, and allow the operation: npm run doctor -- --iam prints what is needed.'

export type SignUrl = (
  method: string,
  key: string,
  more?: { headers?: Record<string, string>; query?: Record<string, string> },
) => Promise<{ readonly url: string }>

export interface Answer {
  readonly status: number
  readonly text: string
  readonly headers: Headers
}

export async function request(url: string, init: RequestInit = {}): Promise<Answer> {
  const answer = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(REQUEST_MS) })
  return { status: answer.status, text: await answer.text(), headers: answer.headers }
}

export function expect(answer: Answer, status: number, what: string, mend: string): Verdict {
  if (answer.status === status) return good(`${what} works.`)
  const code = /<Code>([^<]{1,100})<\/Code>/.exec(answer.text)?.[1]
  return bad(`${what} was answered with ${answer.status}${code === undefined ? '' : ` ${code}`}.`, mend)
}
