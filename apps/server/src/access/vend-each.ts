import type { AuditDetails } from '@skycrate/contract/audit-actions'
import { decide } from '@skycrate/core/access/decide'
import type { Caller } from '@skycrate/core/access/permission'
import type { RequestOrigin } from '../audit/audit-event.ts'
import type { BucketPresences } from '../stores/bucket-presences.ts'
import { decisionEvent, type DecisionRecord } from './decision-record.ts'
import type { Gate, Prepared, Wish } from './gate.ts'
import type { LastLook } from './last-look.ts'
import type { PermissionCache } from './permission-cache.ts'

/** `Gate.vendEach`: wishes that need nothing more than to be recorded share one commit, the others are vended one by one. */
export function createVendEach(parts: {
  readonly permissions: PermissionCache
  readonly presences: BucketPresences
  readonly record: DecisionRecord
  readonly lastLook: LastLook
  readonly vend: Gate['vend']
  readonly now: () => number
}): Gate['vendEach'] {
  const { permissions, presences, record, lastLook, vend, now } = parts

  return async function vendEach<T>(caller: Caller, wishes: readonly Wish<T>[], origin: RequestOrigin) {
    const set = permissions.peek(caller) ?? (await permissions.permissionsOf(caller))
    const time = now()
    const results: PromiseSettledResult<T>[] = []
    const ready: { readonly index: number; readonly release: () => T }[] = []
    const durable = new Set<Promise<void>>()
    /** Wishes that are alike have one detail, and so one text in the log. */
    let given: { of: object; permissionId: string; detail: AuditDetails['object'] } | undefined
    const others: Promise<void>[] = []
    const settle = async (index: number, work: Promise<T>): Promise<void> => {
      results[index] = await work.then(
        (value) => ({ status: 'fulfilled', value }),
        (reason: unknown) => ({ status: 'rejected', reason }),
      )
    }
    for (let index = 0; index < wishes.length; index++) {
      const { operation, auditAs, prepare } = wishes[index]!
      const decision = decide(set, operation, time)
      let prepared: Prepared<T> | undefined
      let other = prepare
      if (decision.outcome === 'allow' && presences.isKnown(operation.store, operation.bucket)) {
        try {
          const preparing = prepare(decision)
          if (preparing instanceof Promise) other = () => preparing
          else prepared = preparing
        } catch (error) {
          other = () => Promise.reject(error)
        }
      }
      if (prepared === undefined || decision.outcome === 'deny') {
        others.push(settle(index, vend(caller, operation, auditAs, origin, other)))
        continue
      }
      const { permissionId } = decision
      if (given?.of !== prepared.detail || given.permissionId !== permissionId) {
        given = { of: prepared.detail, permissionId, detail: { permissionId, ...prepared.detail } }
      }
      durable.add(record.allowed(decisionEvent(caller, operation, auditAs, origin), given.detail))
      ready.push({ index, release: prepared.release })
    }
    await Promise.all(durable)
    const refusedSince = await lastLook(caller, set)
    for (const { index, release } of ready) {
      const { operation, auditAs } = wishes[index]!
      const reason = refusedSince(operation)
      if (reason === undefined) results[index] = { status: 'fulfilled', value: release() }
      else {
        const of = decisionEvent(caller, operation, auditAs, origin)
        others.push(settle(index, record.refuse(of, operation, reason)))
      }
    }
    await Promise.all(others)
    return results
  }
}
