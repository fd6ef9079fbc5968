import { parseArgs } from 'node:util'
import type { DoctorReport } from '@skycrate/contract/doctor/schemas'
import { reachConnection } from '../compose/reach-database.ts'
import { reachStore } from '../compose/reach-store.ts'
import { webOrigins } from '../compose/web-origins.ts'
import type { Config } from '../config/config.ts'
import { ConfigError, loadConfig } from '../config/load.ts'
import { createDoctor, reportOf, type Unreachable } from '../doctor/doctor.ts'
import { messageOf } from '../doctor/finding.ts'
import { policyFor } from '../doctor/policy-for.ts'
import { createLogger } from './logger.ts'
import { printable } from './user-table.ts'

const EXIT = { healthy: 0, unhealthy: 1, usage: 64 } as const

export const DOCTOR_USAGE = `Usage: npm run doctor -- [--json | --iam]

Checks configuration, database, store, issuers, mail and addresses, and says how to
mend what is wrong. Exit status: 0 when nothing is bad, 1 otherwise.

  --json   print the report as JSON
  --iam    check nothing; print the least IAM policy for SkyCrate's own role on AWS

The settings are those of the server. What the checks write to the store is deleted
at their end; nothing else is changed.
`

/** @returns the exit code */
export async function runDoctor(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  let wishes
  try {
    wishes = parseArgs({
      args: [...args],
      options: { json: { type: 'boolean' }, iam: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    }).values
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n\n${DOCTOR_USAGE}`)
    return EXIT.usage
  }
  if (wishes.help === true) {
    process.stdout.write(DOCTOR_USAGE)
    return EXIT.healthy
  }
  if (wishes.iam === true) return printPolicy(environment)
  const report = await examine(environment)
  process.stdout.write(wishes.json === true ? `${JSON.stringify(report, null, 2)}\n` : asText(report))
  return report.healthy ? EXIT.healthy : EXIT.unhealthy
}

async function printPolicy(environment: NodeJS.ProcessEnv): Promise<number> {
  try {
    process.stdout.write(`${JSON.stringify(policyFor(await loadConfig(environment)), null, 2)}\n`)
    return EXIT.healthy
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    return EXIT.unhealthy
  }
}

async function examine(environment: NodeJS.ProcessEnv): Promise<DoctorReport> {
  let config: Config
  try {
    config = await loadConfig(environment)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const findings = error.mistakes.map((mistake, at) => ({
      id: `configuration.${at + 1}`,
      area: 'configuration' as const,
      title: 'Settings',
      outcome: 'bad' as const,
      detail: `${mistake}.`,
      mend: 'Correct the setting: docs/settings.md describes them all.',
    }))
    return reportOf(findings, Date.now())
  }
  const logger = createLogger('silent')
  await using reached = new AsyncDisposableStack()
  // One after the other would wait for both, and neither needs the other.
  const [connection, target] = await Promise.all([
    orReason(async () => reached.use(await reachConnection(config, logger)).connection),
    orReason(async () => reached.use(await reachStore(config, logger)).target),
  ])
  const origins = webOrigins(config.http)
  // Waited for here: what was started for it ends with this scope.
  return await createDoctor({ config, connection, target, webOrigins: origins, logger, now: Date.now }).examine()
}

async function orReason<T>(reach: () => Promise<T>): Promise<T | Unreachable> {
  try {
    return await reach()
  } catch (error) {
    // Written for the operator; its cause says the same in other words.
    const { message } = error as Error
    return { unreachable: message.endsWith('.') ? message : `${message}.` }
  }
}

const MARKS = { good: 'ok     ', warning: 'WARNING', bad: 'BAD    ', skipped: '-      ' } as const

function asText({ findings, healthy }: DoctorReport): string {
  const lines: string[] = []
  let area
  for (const finding of findings) {
    if (finding.area !== area) lines.push('', `${finding.area[0]!.toUpperCase()}${finding.area.slice(1)}`)
    area = finding.area
    lines.push(`  ${MARKS[finding.outcome]}  ${finding.title}: ${finding.detail}`)
    if (finding.mend !== null) lines.push(`           To mend it: ${finding.mend}`)
  }
  const count = (outcome: keyof typeof MARKS): number => findings.filter((each) => each.outcome === outcome).length
  const [problems, warnings] = [count('bad'), count('warning')]
  lines.push(
    '',
    healthy
      ? `Nothing is wrong${warnings === 0 ? '' : `, with ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`}.`
      : `${problems} ${problems === 1 ? 'thing is' : 'things are'} wrong.`,
  )
  return `${lines.map(printable).join('\n').trimStart()}\n`
}
