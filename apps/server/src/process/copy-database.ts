import { reachConnection } from '../compose/reach-database.ts'
import { ConfigError, loadConfig } from '../config/load.ts'
import { copyDatabase } from '../db/copy-database.ts'
import { describeConnection } from '../db/database-connection.ts'
import { createLogger } from './logger.ts'

const EXIT = { done: 0, failed: 1, usage: 64, configuration: 78 } as const

export const COPY_DATABASE_USAGE = `Usage: TARGET_DATABASE_URL=postgresql://user:password@host:5432/database npm run copy-database

Copies the whole database of this SkyCrate, the embedded one or that of DATABASE_URL,
into an empty PostgreSQL. Stop SkyCrate first. The settings are those of the server.
`

/** What was done goes to stdout, what went wrong to stderr. @returns the exit code */
export async function runCopyDatabase(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const url = environment['TARGET_DATABASE_URL']
  if (args.length > 0 || url === undefined || !/^postgres(ql)?:\/\//.test(url)) {
    const help = args.length === 1 && (args[0] === '--help' || args[0] === '-h')
    ;(help ? process.stdout : process.stderr).write(COPY_DATABASE_USAGE)
    return help ? EXIT.done : EXIT.usage
  }
  try {
    const config = await loadConfig(environment)
    const logger = createLogger('warn')
    await using reached = await reachConnection(config, logger)
    const target = { connectionString: url }
    const tables = await copyDatabase({ source: reached.connection, target, logger })
    const rows = tables.reduce((sum, table) => sum + table.rows, 0)
    const lines = tables.filter((table) => table.rows > 0).map((table) => `${table.name.padEnd(30)}${table.rows}`)
    process.stdout.write(`${lines.join('\n')}\nCopied ${rows} rows to ${describeConnection(target)}.\n`)
    return EXIT.done
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    return error instanceof ConfigError ? EXIT.configuration : EXIT.failed
  }
}
