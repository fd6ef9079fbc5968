import type { RouteBody } from '@skycrate/client/route-types'

type Request = RouteBody<'copyObjects'>

/** What this page asked for, by job: to ask again, with a choice, where names were taken. */
const asked = new Map<string, { readonly kind: 'copyObjects' | 'moveObjects'; readonly body: Request }>()

/** Requests that are remembered. */
const MAX_ASKED = 100

export function rememberTransfer(jobId: string, kind: 'copyObjects' | 'moveObjects', body: Request): void {
  if (asked.size >= MAX_ASKED) asked.delete(asked.keys().next().value!)
  asked.set(jobId, { kind, body })
}

export const transferOf = (jobId: string) => asked.get(jobId)
