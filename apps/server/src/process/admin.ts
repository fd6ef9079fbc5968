import { userInfo } from 'node:os'
import { PROBLEMS } from '@skycrate/contract/problem'
import { byProcess } from '../audit/audit-event.ts'
import { reachDatabase } from '../compose/reach-database.ts'
import { createUserServices } from '../compose/user-services.ts'
import { ConfigError, loadConfig } from '../config/load.ts'
import { AppError } from '../errors/app-error.ts'
import type { By } from '../users/users-options.ts'
import { performAdmin } from './admin-actions.ts'
import { ADMIN_USAGE, parseAdminCommand, UsageError } from './admin-command.ts'
import { createLogger } from './logger.ts'

/** As in sysexits.h, and as `npm start` uses them. */
const EXIT = { done: 0, failed: 1, usage: 64, configuration: 78 } as const

/**
 * The operator's way to users, on the server's machine: the right to read the data folder, or to know the database's URL,
 * is what lets them in. What was done goes to stdout, what went wrong to stderr.
 * @returns the exit code
 */
export async function runAdmin(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  try {
    const command = parseAdminCommand(args)
    if (command.name === 'help') {
      process.stdout.write(ADMIN_USAGE)
      return EXIT.done
    }
    const config = await loadConfig(environment)
    const logger = createLogger('warn')
    await using reached = await reachDatabase(config, logger)
    await using services = await createUserServices(config, reached.connection, logger)
    const lines = await performAdmin(services, command, operator())
    process.stdout.write(`${lines.join('\n')}\n`)
    return EXIT.done
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`)
    if (error instanceof UsageError) return EXIT.usage
    return error instanceof ConfigError ? EXIT.configuration : EXIT.failed
  }
}

/** In the audit log: nobody of SkyCrate's users, but an account of this machine. */
const operator = (): By => ({
  userId: null,
  origin: { ...byProcess('admin'), userAgent: `npm run admin, by the system account ${systemAccount()}` },
})

function systemAccount(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}

function messageOf(error: unknown): string {
  if (error instanceof UsageError) return `${error.message}\n\n${ADMIN_USAGE.trimEnd()}`
  if (!(error instanceof AppError)) return error instanceof Error ? error.message : String(error)
  const { code, detail, errors = [] } = error
  const mistakes = errors.map(({ path, message }) => `  ${path.slice(1)} ${message}`)
  return [detail ?? `${PROBLEMS[code].title}.`, ...mistakes].join('\n')
}
