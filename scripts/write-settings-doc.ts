// Writes docs/settings.md from the one schema of settings; with --check only says whether it is up to date.
import { readFileSync, writeFileSync } from 'node:fs'
import type { Setting } from '../apps/server/src/config/setting.ts'
import { SETTINGS } from '../apps/server/src/config/settings.ts'

const file = new URL('../docs/settings.md', import.meta.url)

const INTRODUCTION = `# Settings

This page is generated from \`apps/server/src/config/settings.ts\` by \`node scripts/write-settings-doc.ts\`.

All settings are optional for a trial: \`npm start\` runs an embedded database and S3 store.

- Set an environment variable, or a property of the object that \`skycrate.config.ts\` exports as \`config\`:

  \`\`\`ts
  export const config = {
    SKYCRATE_PUBLIC_URL: 'https://files.example.com',
    SKYCRATE_ISSUERS: [{ issuer: 'https://tenant.eu.auth0.com/', audience: 'https://files.example.com/api' }],
  }
  \`\`\`

  SkyCrate reads the file from the working directory, or from the path in \`SKYCRATE_CONFIG\`. Environment variables
  take precedence over the file. An empty value counts as absent.
- SkyCrate does not start with an invalid value, or with an unknown name that begins with \`SKYCRATE_\`. One message
  names every mistake (exit code 78). Secret values are not printed.
- A default of — means that the setting is absent. The description says what applies then.

`

/** What a setting takes, in the words of its own parser: no parser takes NUL, save that of plain text. */
function takes(setting: Setting<unknown>): string {
  const parsed = setting.parse('\0')
  if (!('mistake' in parsed)) return 'text'
  return parsed.mistake.replace(/^must (be |have )?/, '').replace(/^names a file .*/, 'the path of a file')
}

const cell = (text: string): string => text.replaceAll('|', '\\|')

function table(): string {
  const rows = Object.entries(SETTINGS as Record<string, Setting<unknown>>).map(([name, setting]) => {
    const { fallback, secret, description } = setting
    const standard = fallback === undefined ? '—' : fallback === '' ? 'empty' : `\`${fallback}\``
    return [`\`${name}\``, standard, takes(setting), `${description}${secret ? ' **Secret.**' : ''}`].map(cell)
  })
  const lines = [['setting', 'default', 'value', 'what it does'], ['---', '---', '---', '---'], ...rows]
  return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`
}

const text = INTRODUCTION + table()

if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== text) {
    process.stderr.write('docs/settings.md is out of date: run node scripts/write-settings-doc.ts\n')
    process.exit(1)
  }
} else {
  writeFileSync(file, text)
}
