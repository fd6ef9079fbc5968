import { Client, type ClientBase, type ClientConfig } from 'pg'
import { databaseError, databaseUnavailable } from './database-error.ts'

/**
 * Text of dates and bytes must not depend on how a server or database is configured. Nor whether a commit is on the disk
 * when it is acknowledged: what is configured as `off` is raised, what is stricter stays.
 */
const SESSION_SETTINGS = `select set_config('TimeZone', 'UTC', false), set_config('DateStyle', 'ISO, MDY', false),
  set_config('client_encoding', 'UTF8', false),
  set_config('synchronous_commit',
    case current_setting('synchronous_commit') when 'off' then 'on' else current_setting('synchronous_commit') end, false)`

export async function applySessionSettings(client: ClientBase): Promise<void> {
  await client.query(SESSION_SETTINGS)
}

/**
 * A connected client with the session's settings. The caller ends it.
 * @throws AppError `database-unavailable`
 */
export async function openClient(config: ClientConfig): Promise<Client> {
  const client = new Client(config)
  // Without a listener the loss of an idle connection would end the process.
  client.on('error', () => {})
  try {
    await client.connect()
    await applySessionSettings(client)
    return client
  } catch (error) {
    await client.end().catch(() => {})
    throw databaseUnavailable(error)
  }
}

/**
 * @returns the rows of the last statement
 * @throws AppError `database-unavailable`, or pg's DatabaseError
 */
export async function runQuery<Row extends object>(
  client: ClientBase,
  text: string,
  values: readonly unknown[] = [],
  name?: string,
): Promise<Row[]> {
  try {
    const result = await client.query<Row>({ text, values: [...values], ...(name === undefined ? {} : { name }) })
    // pg answers several statements in one text with an array, which its types do not tell.
    const last: unknown = Array.isArray(result) ? result.at(-1) : result
    return (last as typeof result | undefined)?.rows ?? []
  } catch (error) {
    throw databaseError(error)
  }
}
