import type { StoreId } from '@skycrate/core/naming/store'
import type { AuditLog } from '../audit/audit-event.ts'
import type { Database, Sql } from '../db/database.ts'
import type { Job } from '../jobs/job.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Store } from '../stores/store.ts'
import type { Stores } from '../stores/stores.ts'
import type { TraceAttributes, Tracing } from './tracing.ts'

/** A database whose statements are steps. They are told by verb and table: their text may be long, their values are secret. */
export function tracedDatabase<D extends Database>(database: D, tracing: Tracing): D {
  const traced = (sql: Sql): Sql => ({
    query: (text, values, name) => {
      const { title, attributes } = statementOf(text)
      return tracing.step(title, attributes, () => sql.query(text, values, name))
    },
  })
  const whole = (name: string, work: (work: (sql: Sql) => Sql) => Promise<unknown>): Promise<unknown> =>
    tracing.step(name, { 'db.system.name': 'postgresql' }, () => work(traced))
  return {
    ...database,
    ...traced(database),
    hot: traced(database.hot),
    transaction: (work: (tx: Sql) => Promise<unknown>) =>
      whole('transaction', (trace) => database.transaction((tx) => work(trace(tx)))),
    session: (work: (connection: Sql) => Promise<unknown>) =>
      whole('session', (trace) => database.session((connection) => work(trace(connection)))),
  }
}

function statementOf(text: string): { readonly title: string; readonly attributes: TraceAttributes } {
  const verb = /\b(select|insert|update|delete)\b/i.exec(text)?.[1]?.toLowerCase() ?? 'statement'
  const table = /\b(?:from|into|update|join)\s+(?:only\s+)?([a-z_]+)/i.exec(text)?.[1]
  return {
    title: table === undefined ? verb : `${verb} ${table}`,
    attributes: {
      'db.system.name': 'postgresql',
      'db.operation.name': verb,
      ...(table === undefined ? {} : { 'db.collection.name': table }),
    },
  }
}

/** Stores whose calls are steps, by the names of the calls alone. */
export function tracedStores(stores: Stores, tracing: Tracing): Stores {
  const traced = new Map<StoreId, Store>()
  return {
    ...stores,
    storeOf(id) {
      let store = traced.get(id)
      if (!store) traced.set(id, (store = tracedStore(stores.storeOf(id), tracing)))
      return store
    },
  }
}

function tracedStore(store: Store, tracing: Tracing): Store {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function' || typeof name !== 'string' || name === 'close') return value
      return (...given: unknown[]): Promise<unknown> =>
        tracing.step(
          `store ${name}`,
          { 'skycrate.store': target.id },
          () => Reflect.apply(value, target, given) as Promise<unknown>,
        )
    },
  })
}

/** An audit log that says how each request was decided. */
export function tracedAudit<A extends AuditLog>(audit: A, tracing: Tracing): A {
  return {
    ...audit,
    record(event) {
      const { action, outcome, origin } = event
      tracing.note({ 'skycrate.action': action, 'skycrate.decision': outcome, 'skycrate.door': origin.door })
      return tracing.step('audit record', {}, () => audit.record(event))
    },
  }
}

/** Jobs that have a trace each. */
export function tracedJobs(jobs: Jobs, tracing: Tracing): Jobs {
  return {
    ...jobs,
    register(kind, handler, options) {
      const traced = (job: Job): Promise<void> =>
        tracing.job(`job ${kind}`, { 'skycrate.job.id': job.id, 'skycrate.job.kind': kind }, () =>
          (handler as (job: Job) => Promise<void>)(job),
        )
      jobs.register(kind, traced as typeof handler, options)
    },
  }
}
