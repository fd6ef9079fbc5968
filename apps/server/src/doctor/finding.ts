import type { Finding as Found } from '@skycrate/contract/doctor/schemas'

export type Finding = Found
export type Area = Finding['area']

/** What a check came to; `mend` says what to do about it. */
export interface Verdict {
  readonly outcome: Finding['outcome']
  readonly detail: string
  readonly mend?: string
}

export const good = (detail: string): Verdict => ({ outcome: 'good', detail })
export const skipped = (detail: string): Verdict => ({ outcome: 'skipped', detail })
export const warning = (detail: string, mend: string): Verdict => ({ outcome: 'warning', detail, mend })
export const bad = (detail: string, mend: string): Verdict => ({ outcome: 'bad', detail, mend })

/** Milliseconds that one check may take. */
const CHECK_MS = 30_000

/** The findings of an area, in the order of the checks. */
export interface Checks {
  /** Runs a check and keeps what it finds. One that throws or takes too long is bad. */
  run(id: string, title: string, work: () => Promise<Verdict> | Verdict, mend?: string): Promise<Verdict>
  readonly findings: readonly Finding[]
}

export function checksOf(area: Area): Checks {
  const findings: Finding[] = []
  return {
    findings,
    async run(id, title, work, mend = 'Look into the log of SkyCrate for the cause.') {
      const late = Promise.withResolvers<Verdict>()
      const timer = setTimeout(
        () => late.resolve(bad(`There was no answer within ${CHECK_MS / 1000} seconds.`, mend)),
        CHECK_MS,
      )
      const verdict = await Promise.race([attempt(work, mend), late.promise])
      clearTimeout(timer)
      findings.push({
        id: `${area}.${id}`,
        area,
        title,
        outcome: verdict.outcome,
        detail: verdict.detail,
        mend: verdict.mend ?? null,
      })
      return verdict
    },
  }
}

async function attempt(work: () => Promise<Verdict> | Verdict, mend: string): Promise<Verdict> {
  try {
    return await work()
  } catch (error) {
    return bad(`${messageOf(error)}.`, mend)
  }
}

/** One line: the message and those of its causes, the deepest last. */
export function messageOf(error: unknown): string {
  const messages: string[] = []
  const add = (text: string): void => {
    if (text !== '' && !messages.some((message) => message.includes(text))) messages.push(text)
  }
  for (let next = error, depth = 0; next !== undefined && depth < 5; depth += 1) {
    if (!(next instanceof Error)) break
    // A name with several addresses fails with one error for each.
    const one: Error = next instanceof AggregateError && next.errors[0] instanceof Error ? next.errors[0] : next
    const { code } = one as { code?: unknown }
    add(one.message || (typeof code === 'string' ? code : one.name))
    next = next.cause
  }
  return (messages.length === 0 ? String(error) : messages.join(': '))
    .replaceAll(/\s+/g, ' ')
    .replace(/\.$/, '')
    .slice(0, 500)
}
