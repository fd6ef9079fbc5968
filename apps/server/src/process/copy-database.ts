import { parseArgs } from 'node:util'
import { parseBucketName } from '@skycrate/core/naming/bucket'
import { reachConnection } from '../compose/reach-database.ts'
import { ConfigError, loadConfig } from '../config/load.ts'
import { copyDatabase } from '../db/copy-database.ts'
import { describeConnection } from '../db/database-connection.ts'
import type { RenamedBucket } from '../db/rename-bucket.ts'
import { createLogger } from './logger.ts'

const EXIT = { done: 0, failed: 1, usage: 64, configuration: 78 } as const

export const COPY_DATABASE_USAGE = `Usage: TARGET_DATABASE_URL=postgresql://user:password@host:5432/database \\
  npm run copy-database -- [--rename-bucket OLD=NEW …]

Copies the whole database of this SkyCrate, the embedded one or that of DATABASE_URL,
into an empty PostgreSQL. Stop SkyCrate first. The settings are those of the server.

  --rename-bucket OLD=NEW   the bucket has another name at the new store
`

/** What was done goes to stdout, what went wrong to stderr. @returns the exit code */
export async function runCopyDatabase(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const wish = parse(args, environment['TARGET_DATABASE_URL'])
  if (typeof wish === 'string') {
    if (wish === '') process.stdout.write(COPY_DATABASE_USAGE)
    else process.stderr.write(`${wish}\n\n${COPY_DATABASE_USAGE}`)
    return wish === '' ? EXIT.done : EXIT.usage
  }
  try {
    const config = await loadConfig(environment)
    const logger = createLogger('warn')
    await using reached = await reachConnection(config, logger)
    const target = { connectionString: wish.url }
    const tables = await copyDatabase({ source: reached.connection, target, logger, renamed: wish.renamed })
    const rows = tables.reduce((sum, table) => sum + table.rows, 0)
    const lines = tables.filter((table) => table.rows > 0).map((table) => `${table.name.padEnd(30)}${table.rows}`)
    process.stdout.write(`${lines.join('\n')}\nCopied ${rows} rows to ${describeConnection(target)}.\n`)
    return EXIT.done
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    return error instanceof ConfigError ? EXIT.configuration : EXIT.failed
  }
}

/** @returns what is wrong; nothing for a wish for help */
function parse(
  args: readonly string[],
  url: string | undefined,
): { readonly url: string; readonly renamed: readonly RenamedBucket[] } | string {
  let values
  try {
    const options = {
      'rename-bucket': { type: 'string', multiple: true },
      help: { type: 'boolean', short: 'h' },
    } as const
    values = parseArgs({ args: [...args], options }).values
  } catch (error) {
    return (error as Error).message
  }
  if (values.help === true) return ''
  if (url === undefined || !/^postgres(ql)?:\/\//.test(url)) {
    return 'TARGET_DATABASE_URL must be a URL such as postgresql://user:password@host:5432/database.'
  }
  const renamed: RenamedBucket[] = []
  for (const text of values['rename-bucket'] ?? []) {
    const [from, to, ...more] = text.split('=').map((name) => parseBucketName(name))
    if (from === undefined || to === undefined || more.length > 0)
      return `--rename-bucket ${text}: write OLD=NEW, each a bucket name.`
    renamed.push({ from, to })
  }
  return { url, renamed }
}
