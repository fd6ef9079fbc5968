import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const MODULES = fileURLToPath(new URL('../node_modules', import.meta.url))
/** Between what the commands print. */
const MARK = '\u001E'

interface Block {
  readonly section: string
  readonly language: string
  readonly code: string
  /** As the comment in its first line says. */
  readonly file: string | undefined
}

/** A folder as somebody has it who types what a guide says. Its JavaScript files lie in it, by the names that they have there. */
export interface GuideFolder extends AsyncDisposable {
  readonly dir: string
  /**
   * Runs the samples of some sections in one shell, from top to bottom: commands, Python, JavaScript in Node.
   *
   * @param options `env` beside a bare one. `languages`: those alone
   * @throws where a command fails, or prints other lines than the guide shows; `…` stands for any text
   */
  run(
    sections: readonly string[],
    options?: { readonly env?: Readonly<Record<string, string>>; readonly languages?: readonly string[] },
  ): Promise<void>
}

/**
 * @param options `replace`: puts this system's addresses in the place of the guide's. `modules`: what is installed in the folder,
 * either a package of this workspace or the folder of one.
 */
export async function guideFolder(
  guide: string,
  options: {
    readonly replace: (text: string) => string
    readonly modules: Readonly<Record<string, string | undefined>>
  },
): Promise<GuideFolder> {
  const dir = await mkdtemp(join(tmpdir(), 'guide-'))
  const text = await readFile(new URL(`../docs/guides/${guide}`, import.meta.url), 'utf8')
  const blocks = blocksOf(options.replace(text))
  for (const { file, code } of blocks) if (file !== undefined) await writeFile(join(dir, file), code)
  for (const [name, folder] of Object.entries(options.modules)) {
    const place = join(dir, 'node_modules', name)
    await mkdir(dirname(place), { recursive: true })
    await symlink(folder ?? join(MODULES, name), place)
  }
  return {
    dir,
    async run(sections, { env = {}, languages } = {}) {
      const steps = sections.flatMap((section) => {
        const found = blocks.filter((each) => each.section === section)
        const wanted = found.filter(({ language }) => languages?.includes(language) ?? true).flatMap(stepsOf)
        assert.ok(wanted.length > 0, section)
        return wanted
      })
      await run(steps, dir, env)
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  }
}

function blocksOf(text: string): Block[] {
  const blocks: Block[] = []
  for (const part of text.split(/^## /m).slice(1)) {
    const section = part.slice(0, part.indexOf('\n'))
    for (const [, language = '', code = ''] of part.matchAll(/^```(\w+)\n(.*?)^```$/gms)) {
      blocks.push({ section, language, code, file: /^\/\/ (\S+\.\w+)\n/.exec(code)?.[1] })
    }
  }
  return blocks
}

interface Step {
  readonly command: string
  readonly prints: readonly string[]
}

function stepsOf({ language, code, file }: Block): Step[] {
  if (language === 'python') return [{ command: `python3 - <<'END'\n${code}END`, prints: [] }]
  if (language === 'js') return [{ command: `node ${file ?? '-'}`, prints: [] }]
  if (language !== 'console') return []
  const steps: { command: string; prints: string[] }[] = []
  let goesOn = false
  for (const line of code.trimEnd().split('\n')) {
    const last = steps.at(-1)
    if (goesOn && last) last.command += `\n${line}`
    else if (line.startsWith('$ ')) steps.push({ command: line.slice(2), prints: [] })
    else last?.prints.push(line)
    goesOn = line.endsWith('\\')
  }
  return steps
}

async function run(steps: readonly Step[], dir: string, env: Readonly<Record<string, string>>): Promise<void> {
  const script = ['set -e -o pipefail', ...steps.map(({ command }) => `${command}\nprintf '${MARK}'`)].join('\n')
  // Nothing of this process's environment.
  const whole = {
    PATH: `/usr/bin:/bin:${dirname(process.execPath)}`,
    HOME: dir,
    AWS_EC2_METADATA_DISABLED: 'true',
    ...env,
  }
  const options = { env: whole, cwd: dir, timeout: 180_000, killSignal: 'SIGKILL' } as const
  const [failure, stdout, stderr] = await new Promise<[Error | null, string, string]>((resolve) => {
    execFile('/bin/bash', ['-c', script], options, (...given) => resolve(given))
  })
  const printed = stdout.split(MARK)
  const failed = steps[printed.length - 1]
  assert.ok(failure === null, `${failed?.command}\n${printed.at(-1)}\n${stderr}`)
  for (const [at, { command, prints }] of steps.entries()) {
    const lines = printed[at]!.split(/[\r\n]/).map((line) => line.trim())
    for (const line of prints) {
      const pattern = new RegExp(
        `(^|remaining)${line
          .split('…')
          .map((part) => RegExp.escape(part))
          .join('.*')}$`,
      )
      assert.ok(
        lines.some((each) => pattern.test(each)),
        `${command}\nprints ${line}, not\n${printed[at]}`,
      )
    }
  }
}
