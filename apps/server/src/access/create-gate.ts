import { decide } from '@skycrate/core/access/decide'
import type { Operation } from '@skycrate/core/access/operation'
import type { AuditLog } from '../audit/audit-event.ts'
import type { Meter } from '../quotas/meter.ts'
import type { BucketPresences } from '../stores/bucket-presences.ts'
import { createDecisionRecord, decisionEvent } from './decision-record.ts'
import { failureOf, type Gate } from './gate.ts'
import { createLastLook } from './last-look.ts'
import type { PermissionCache } from './permission-cache.ts'
import { requirePresence } from './require-presence.ts'
import { createVendEach } from './vend-each.ts'
import { createVendLocations, credentialsEvent } from './vend-locations.ts'

export function createGate(options: {
  readonly permissions: PermissionCache
  readonly audit: AuditLog
  readonly presences: BucketPresences
  readonly now: () => number
  /** Absent: there are no quotas. */
  readonly meter?: Pick<Meter, 'requireRoom'>
}): Gate {
  const { permissions, audit, presences, now, meter } = options
  const record = createDecisionRecord(audit)
  const lastLook = createLastLook(permissions, now)
  const vendLocations = createVendLocations({ permissions, audit, lastLook, now, meter })

  const vend: Gate['vend'] = async (caller, operation, auditAs, origin, prepare) => {
    const set = permissions.peek(caller) ?? (await permissions.permissionsOf(caller))
    const decision = decide(set, operation, now())
    const of = decisionEvent(caller, operation, auditAs, origin)
    if (decision.outcome === 'deny') return record.refuse(of, operation, decision.reason)
    const { permissionId } = decision
    let prepared
    try {
      if (!presences.isKnown(operation.store, operation.bucket)) await requirePresence(presences, operation)
      const preparing = prepare(decision)
      prepared = preparing instanceof Promise ? await preparing : preparing
    } catch (error) {
      await record.failed(of, failureOf(error))
      throw error
    }
    await record.allowed(of, { permissionId, ...prepared.detail })
    const reason = (await lastLook(caller, set))(operation)
    if (reason !== undefined) return record.refuse(of, operation, reason)
    return prepared.release()
  }

  return {
    async pass(caller, operation, auditAs, origin, asked = {}) {
      const set = permissions.peek(caller) ?? (await permissions.permissionsOf(caller))
      const decision = decide(set, operation, now())
      const of = decisionEvent(caller, operation, auditAs, origin)
      if (decision.outcome === 'deny') return record.refuse(of, operation, decision.reason)
      const { permissionId, expiresAt } = decision
      await record.allowed(of, { permissionId, ...asked })
      const reason = (await lastLook(caller, set))(operation)
      if (reason !== undefined) return record.refuse(of, operation, reason)
      return { permissionId, expiresAt }
    },

    async passAll(caller, operations, auditAs, origin, asked = {}) {
      const set = permissions.peek(caller) ?? (await permissions.permissionsOf(caller))
      const time = now()
      const decisions = operations.map((operation) => decide(set, operation, time))
      const refuse = (operation: Operation, reason: string): Promise<never> =>
        record.refuse(decisionEvent(caller, operation, auditAs, origin), operation, reason)
      for (const [i, decision] of decisions.entries()) {
        if (decision.outcome === 'deny') return refuse(operations[i]!, decision.reason)
      }
      const [first] = decisions
      const permissionId = first?.outcome === 'allow' ? { permissionId: first.permissionId } : {}
      await record.allowed(decisionEvent(caller, operations[0], auditAs, origin), { ...permissionId, ...asked })
      const refusedSince = await lastLook(caller, set)
      for (const operation of operations) {
        const reason = refusedSince(operation)
        if (reason !== undefined) return refuse(operation, reason)
      }
    },

    async foresee(caller, operations, auditAs, origin) {
      const set = await permissions.permissionsOf(caller)
      for (const operation of operations) {
        const decision = decide(set, operation, now())
        if (decision.outcome === 'allow') continue
        return record.refuse(decisionEvent(caller, operation, auditAs, origin), operation, decision.reason)
      }
    },

    vend,
    vendEach: createVendEach({ permissions, presences, record, lastLook, vend, now }),

    vendLocation: (caller, location, origin, prepare) =>
      vendLocations(caller, [location], origin, async ([allowed]) => {
        await requirePresence(presences, location)
        return prepare(allowed!)
      }),

    vendLocations,

    async refuseCredentials(caller, error, reason, origin) {
      const of = { ...credentialsEvent(caller, origin), bucket: null, key: null }
      const outcome = error.code === 'forbidden' ? 'deny' : 'error'
      await audit.record({ ...of, outcome, reason, detail: { actions: [] } })
      throw error
    },

    failed: (caller, operation, auditAs, origin, reason) =>
      record.failed(decisionEvent(caller, operation, auditAs, origin), reason),
  }
}
