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

type Deletion = RouteBody<'restoreDeleted'>

/** Deletions that this page asked for and that can be taken back, by job. */
const deleted = new Map<string, Deletion>()

export function rememberDeletion(jobId: string, body: Deletion): void {
  if (deleted.size >= MAX_ASKED) deleted.delete(deleted.keys().next().value!)
  deleted.set(jobId, body)
}

export const deletionOf = (jobId: string) => deleted.get(jobId)
