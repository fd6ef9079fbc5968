/** Reads and writes of one connection, transaction or pool. Values are `$1`, `$2`, … and never part of the text. */
export interface Sql {
  /**
   * @param name makes it a prepared statement, planned once a connection; the same name always has the same text
   * @throws AppError `database-unavailable` when PostgreSQL cannot be reached; pg's DatabaseError (match `code`, the
   * SQLSTATE) for what PostgreSQL itself refuses
   */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
    name?: string,
  ): Promise<Row[]>
}

export interface Database extends Sql, AsyncDisposable {
  /** A shared, pipelined connection for short hot reads and the audit log; no transactions on it. */
  readonly hot: Sql
  /** Commits when `work` resolves, rolls back when it rejects. */
  transaction<T>(work: (tx: Sql) => Promise<T>): Promise<T>
  /** One connection for the time of `work`, as advisory locks need; at most a few at once, the rest wait. */
  session<T>(work: (connection: Sql) => Promise<T>): Promise<T>
  /**
   * Calls `onNotify` for each NOTIFY of the channel, and `onGap` after every (re)connection, when notifications may
   * have been missed. Reconnects by itself.
   */
  listen(channel: string, onNotify: (payload: string) => void, onGap: () => void): Promise<AsyncDisposable>
  /** @throws AppError `database-unavailable` */
  ping(): Promise<void>
}
