import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Config } from './config.ts'
import { nestConfig } from './nest.ts'
import { resembling } from './resembling.ts'
import type { Parsed, Setting } from './setting.ts'
import { type SettingName, SETTINGS, type Settings } from './settings.ts'

/** Every mistake of a configuration, one a line. The start ends with it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly mistakes: readonly string[]

  constructor(mistakes: readonly string[]) {
    super(
      `The configuration has ${mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`}:\n${mistakes.map((mistake) => `  - ${mistake}`).join('\n')}`,
    )
    this.mistakes = mistakes
  }
}

/** Names of the same family that are read elsewhere: where the configuration file lies, and how tests run. */
const NO_SETTINGS = /^SKYCRATE_(CONFIG$|TEST_)/

/** What `skycrate.config.ts` may export as `config`: settings by name, as text or as the value they stand for. */
export type ConfigFile = Partial<Record<SettingName, string | number | boolean | object>>

/**
 * Reads the environment over `skycrate.config.ts` (in the working directory, or where SKYCRATE_CONFIG says).
 * @throws ConfigError that names every mistake at once
 */
export async function loadConfig(environment: NodeJS.ProcessEnv): Promise<Config> {
  const mistakes: string[] = []
  const file = await readConfigFile(environment['SKYCRATE_CONFIG'], mistakes)
  const values: Record<string, unknown> = {}
  const wrong: string[] = []
  for (const [name, setting] of Object.entries(SETTINGS) as [SettingName, Setting<unknown>][]) {
    const given = environment[name] || file[name] || setting.fallback
    if (given === undefined) continue
    const parsed: Parsed<unknown> = setting.parse(given)
    if ('value' in parsed) {
      values[name] = parsed.value
      continue
    }
    wrong.push(name)
    mistakes.push(`${name} ${parsed.mistake}${setting.secret || given.length > 200 ? '' : ` (it is "${given}")`}`)
    const instead = setting.fallback === undefined ? undefined : setting.parse(setting.fallback)
    if (instead && 'value' in instead) values[name] = instead.value
  }
  for (const name of Object.keys(environment)) {
    if (name.startsWith('SKYCRATE_') && !Object.hasOwn(SETTINGS, name) && !NO_SETTINGS.test(name)) {
      mistakes.push(noSetting(name, name))
    }
  }
  const nested = nestConfig(values as unknown as Settings)
  // What is wrong between settings too, but for what only follows from a mistake that is named already.
  mistakes.push(...nested.mistakes.filter((mistake) => !wrong.some((name) => mistake.includes(name))))
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return nested.config
}

function noSetting(name: string, told: string): string {
  const meant = resembling(name, Object.keys(SETTINGS)).join(' or ')
  return `${told} is no setting of SkyCrate${meant && `: is ${meant} meant?`}`
}

async function readConfigFile(
  named: string | undefined,
  mistakes: string[],
): Promise<Partial<Record<SettingName, string>>> {
  const path = resolve(named ?? 'skycrate.config.ts')
  if (!existsSync(path)) {
    if (named) mistakes.push(`SKYCRATE_CONFIG names a file that is not there (${path})`)
    return {}
  }
  let loaded: { config?: Record<string, unknown> }
  try {
    loaded = (await import(pathToFileURL(path).href)) as typeof loaded
  } catch (error) {
    mistakes.push(`${path} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`)
    return {}
  }
  if (typeof loaded.config !== 'object' || loaded.config === null) {
    mistakes.push(`${path} must export an object named config`)
    return {}
  }
  const file: Partial<Record<SettingName, string>> = {}
  for (const [name, value] of Object.entries(loaded.config)) {
    if (!Object.hasOwn(SETTINGS, name)) mistakes.push(noSetting(name, `${name} in ${path}`))
    else if (value !== undefined && value !== null)
      file[name as SettingName] = typeof value === 'string' ? value : JSON.stringify(value)
  }
  return file
}
