import { Client, type ClientConfig } from 'pg'
import { verifiedAsAmazonRds } from './amazon-rds.ts'

export interface SocketConnection {
  /** A host name, or the directory of a unix socket (then it starts with `/`). */
  readonly host: string
  /** 5432 when absent. */
  readonly port?: number
  readonly user: string
  readonly database: string
  readonly password?: string
}

/** Where PostgreSQL is: an operator's URL, or the socket of the embedded one. */
export type DatabaseConnection = { readonly connectionString: string } | SocketConnection

/**
 * pg falls back to PGHOST, PGPORT, PGSSLMODE … for whatever is absent, so the parts of a socket are given in full.
 * @see https://node-postgres.com/apis/client
 */
export function clientConfigOf(connection: DatabaseConnection): ClientConfig {
  if ('connectionString' in connection) {
    const { connectionString } = connection
    return verifiedAsAmazonRds(connectionString) ?? { connectionString }
  }
  return {
    host: connection.host,
    port: connection.port ?? 5432,
    user: connection.user,
    database: connection.database,
    password: connection.password ?? '',
    ...(connection.host.startsWith('/') ? { ssl: false } : {}),
  }
}

/** `host:port/database`, or `/socket/directory/database`: for log lines, never with user or password. */
export function describeConnection(connection: DatabaseConnection): string {
  // The client is never connected: it is pg's own reading of the URL, so that the line tells where it really goes.
  const { host, port, database } = new Client(clientConfigOf(connection))
  const place = host.startsWith('/') ? host : `${host}:${port}`
  return `${place}/${database ?? ''}`
}
