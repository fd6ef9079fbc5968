export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /** The `updatedAt` that was read: the change is refused (`precondition-failed`) when somebody else has made one since. */
  readonly ifMatch?: string | undefined
}
