import type { AuditActionOf, AuditDetails } from '@skycrate/contract/audit-actions'
import type { Action, Operation } from '@skycrate/core/access/operation'
import type { Caller } from '@skycrate/core/access/permission'
import type { StoreId } from '@skycrate/core/naming/store'
import { KEY_PROBLEMS, parseKey } from '@skycrate/core/naming/key'
import type { RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'

export interface Passage {
  readonly permissionId: string
  /** Milliseconds since the epoch at which the permission ends, or Infinity. */
  readonly expiresAt: number
}

/** What the events of an operation on objects are called. */
export type ObjectAction = AuditActionOf<'object'>

/** What was prepared for the caller, and what the audit log says of it beyond the permission. */
export interface Prepared<T> {
  /** Called once its record is durable: what is signed here does not exist before. */
  readonly release: () => T
  readonly detail: Omit<AuditDetails['object'], 'permissionId'>
}

/** Something of an object that a caller wants handed out. */
export interface Wish<T> {
  readonly operation: Operation
  readonly auditAs: ObjectAction
  readonly prepare: (passage: Passage) => Prepared<T> | Promise<Prepared<T>>
}

/** A place for which credentials are asked, and what they are to allow there. */
export interface LocationRequest {
  readonly store: StoreId
  readonly bucket: string
  /** '' or a folder that ends in '/'. */
  readonly prefix: string
  readonly actions: readonly Action[]
  /** `any`: those of the actions that are allowed, at least one. */
  readonly needed: 'all' | 'any'
}

/** What of a location is allowed. */
export interface AllowedLocation {
  readonly actions: readonly Action[]
  /** Milliseconds since the epoch at which the first of the permissions ends, or Infinity. */
  readonly expiresAt: number
}

/** Decides and records, in this order and before anything is released: every door's way to S3 leads through here. */
export interface Gate {
  /**
   * Resolves once the decision to allow is durable.
   * @throws AppError `forbidden` once the refusal is durable; `audit-unavailable`, `database-unavailable`
   */
  pass(
    caller: Caller,
    operation: Operation,
    auditAs: ObjectAction,
    origin: RequestOrigin,
    /** What is asked beyond the operation. */
    asked?: Omit<AuditDetails['object'], 'permissionId'>,
  ): Promise<Passage>
  /**
   * As `pass`, for what takes several permissions at once: one event, of the first operation. A refusal is recorded of the
   * operation that is refused.
   */
  passAll(
    caller: Caller,
    operations: readonly [Operation, ...Operation[]],
    auditAs: ObjectAction,
    origin: RequestOrigin,
    asked?: Omit<AuditDetails['object'], 'permissionId'>,
  ): Promise<void>
  /**
   * Decides before work begins whose steps are decided on and recorded one by one: only a refusal is recorded.
   * @throws AppError as `pass`
   */
  foresee(caller: Caller, operations: readonly Operation[], auditAs: ObjectAction, origin: RequestOrigin): Promise<void>
  /**
   * As `pass`, for what is handed out: prepared once the decision is to allow, so that its record says what was given, and
   * released once that is durable. What could not be prepared is recorded as an error.
   * @throws AppError as `pass`, `bucket-missing`, and whatever `prepare` throws
   */
  vend<T>(
    caller: Caller,
    operation: Operation,
    auditAs: ObjectAction,
    origin: RequestOrigin,
    prepare: (passage: Passage) => Prepared<T> | Promise<Prepared<T>>,
  ): Promise<T>
  /**
   * As `vend` for each wish by itself, in their order, with one commit for all: what is many pays for what is its own alone.
   * @throws AppError `audit-unavailable`, `database-unavailable`, for all of them
   */
  vendEach<T>(
    caller: Caller,
    wishes: readonly Wish<T>[],
    origin: RequestOrigin,
  ): Promise<readonly PromiseSettledResult<T>[]>
  /**
   * As `vend`, for credentials that reach everything below a prefix: each action is decided on, and one event records
   * what was given. @throws AppError as `vend`
   */
  vendLocation<T>(
    caller: Caller,
    location: LocationRequest,
    origin: RequestOrigin,
    prepare: (allowed: AllowedLocation) => Promise<{
      readonly released: T
      readonly detail: Pick<AuditDetails['credentials'], 'expiresAt' | 'accessKeyId'>
    }>,
  ): Promise<T>
  /**
   * As `vendLocation`, for credentials that reach several places of one store: allowed when each of them is. An event for
   * each records what was given there, and all share one commit. A bucket that is missing does not keep the others away.
   */
  vendLocations<T>(
    caller: Caller,
    locations: readonly LocationRequest[],
    origin: RequestOrigin,
    prepare: (allowed: readonly AllowedLocation[]) => Promise<{
      readonly released: T
      readonly detail: Pick<AuditDetails['credentials'], 'expiresAt' | 'accessKeyId'>
    }>,
  ): Promise<T>
  /** Records that credentials without a place came to nothing, and throws the error. */
  refuseCredentials(caller: Caller, error: AppError, reason: string, origin: RequestOrigin): Promise<never>
  /** Records that something allowed came to nothing; never rejects, for the caller has an error to tell already. */
  failed(
    caller: Caller,
    operation: Operation,
    auditAs: ObjectAction,
    origin: RequestOrigin,
    reason: string,
  ): Promise<void>
}

/** The code of a failure for the audit log: its cause, where that is a code itself. */
export function failureOf(error: unknown): string {
  if (!(error instanceof AppError)) return 'internal'
  return typeof error.cause === 'string' ? error.cause : error.code
}

/** @throws AppError `invalid-key` that names the broken rule */
export function requireKey(text: string): string {
  const verdict = parseKey(text)
  if (!verdict.ok) throw new AppError('invalid-key', KEY_PROBLEMS[verdict.problem])
  return verdict.key
}
