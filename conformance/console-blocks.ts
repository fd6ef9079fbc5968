import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** One command of a document, and what the document says that it prints. */
export interface ConsoleCommand {
  readonly line: number
  readonly command: string
  readonly prints: readonly string[]
}

/** A command that did not do what its document says. */
export interface Difference {
  readonly at: string
  readonly command: string
  readonly expected: string
  readonly printed: string
}

export interface TypedOptions {
  /** A document, below the root of the checkout. */
  readonly document: string
  /** The working directory. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Puts this system's addresses and secrets in the place of the document's. */
  readonly replace: (text: string) => string
  /** Typed before the document's first command, such as what its reader has from another one. */
  readonly before?: string
  /** Commands that this machine can't run. */
  readonly skip?: (command: string) => boolean
}

/** Between the commands on standard output; no command prints it. */
const MARK = '\u0001'

/** The commands of the `console` blocks of a document: `$ ` begins one; it goes on while bash would wait for more. */
export function consoleCommands(text: string): ConsoleCommand[] {
  const commands: { line: number; command: string; prints: string[] }[] = []
  let inside = false
  for (const [at, raw] of text.split('\n').entries()) {
    if (/^ *```/.test(raw)) {
      inside = !inside && /^ *```console$/.test(raw)
      continue
    }
    if (!inside) continue
    const last = commands.at(-1)
    const line = raw.trimEnd()
    if (/^ *\$ /.test(line)) commands.push({ line: at + 1, command: line.replace(/^ *\$ /, ''), prints: [] })
    else if (last !== undefined && last.prints.length === 0 && waits(last.command)) last.command += `\n${line}`
    else last?.prints.push(line)
  }
  return commands
}

/** Whether bash would ask for another line: a backslash at the end, or a quote that is open. */
function waits(command: string): boolean {
  let quote = ''
  for (let at = 0; at < command.length; at++) {
    const sign = command[at]!
    if (sign === '\\' && quote !== "'") at++
    else if (quote === '' && (sign === '"' || sign === "'")) quote = sign
    else if (sign === quote) quote = ''
  }
  return quote !== '' || command.endsWith('\\')
}

/**
 * Types the commands of a document into one shell, from top to bottom, as its reader would.
 * @returns what failed, or printed something else. `…` in a document stands for anything, and ids, times and secrets
 * for others of their kind.
 */
export async function typeCommands(options: TypedOptions): Promise<Difference[]> {
  const text = await readFile(fileURLToPath(new URL(`../${options.document}`, import.meta.url)), 'utf8')
  const commands = consoleCommands(text).filter(({ command }) => !options.skip?.(command))
  if (commands.length === 0) throw new Error(`${options.document} has no commands`)
  const script = [
    'set -o pipefail',
    options.before ?? '',
    ...commands.map(({ command }) => `printf '${MARK}'\n${options.replace(command)}\nprintf '${MARK}%s' $?`),
  ].join('\n')
  const pieces = (await runBash(script, options)).split(MARK)
  return commands.flatMap(({ line, command, prints }, index) => {
    const [printed = '', status = 'did not end'] = [pieces[1 + 2 * index], pieces[2 + 2 * index]]
    const expected = prints.join('\n')
    const matches = prints.length === 0 || patternOf(options.replace(expected)).test(settled(printed))
    if (matches && (status === '0' || prints.length > 0)) return []
    return [{ at: `${options.document}:${line}`, command, expected, printed: `${printed}(status ${status})` }]
  })
}

const runBash = (script: string, { cwd, env }: TypedOptions): Promise<string> =>
  new Promise((resolve, reject) => {
    const shell = spawn('bash', ['-c', script], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 120_000,
    })
    let output = ''
    const take = (chunk: Buffer): void => void (output += chunk.toString())
    shell.stdout.on('data', take)
    shell.stderr.on('data', take)
    shell.on('error', reject)
    shell.on('close', () => resolve(output))
  })

/** The same for every run: what is new in each becomes one sign. */
const settled = (text: string): string =>
  text
    .trim()
    .replaceAll(/^ +| +$/gm, '')
    .replaceAll(/\b20\d\d-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?Z?)?)?/g, '#')
    .replaceAll(/\b[B-Z]{4}-[B-Z]{4}\b/g, '#')
    .replaceAll(/01[0-9a-hjkmnp-tv-z]{24}/g, '#')
    .replaceAll(/(?<!\d)1[78]\d{11}(?!\d)/g, '#')

const patternOf = (expected: string): RegExp =>
  new RegExp(
    `^${settled(expected)
      .replaceAll('01k…', '…')
      .split('…')
      .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
      .join('[^]*')}$`,
  )
