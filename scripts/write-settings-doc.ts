// Writes docs/settings.md from the one schema of settings; with --check only says whether it is up to date.
import { readFileSync, writeFileSync } from 'node:fs'
import type { Setting } from '../apps/server/src/config/setting.ts'
import { SETTINGS } from '../apps/server/src/config/settings.ts'

const file = new URL('../docs/settings.md', import.meta.url)

const INTRODUCTION = `# Settings

This table is made from \`apps/server/src/config/settings.ts\` by \`node scripts/write-settings-doc.ts\`; change it there.

Nothing needs to be set to try SkyCrate: \`npm start\` then runs its own database and S3 store.

- A setting is an environment variable, or a property of the object that \`skycrate.config.ts\` exports as \`config\`:

  \`\`\`ts
  export const config = {
    SKYCRATE_PUBLIC_URL: 'https://files.example.com',
    SKYCRATE_ISSUERS: [{ issuer: 'https://tenant.eu.auth0.com/', audience: 'https://files.example.com/api' }],
  }
  \`\`\`

  The file is looked for in the working directory, or where \`SKYCRATE_CONFIG\` says. The environment wins over the file.
  An empty value is an absent one.
- A wrong value, or a name that begins with \`SKYCRATE_\` and is no setting, stops the start with one message that names
  every mistake (exit code 78). The values of secrets are not printed.
- A default of — means: absent. Where something else stands in for it, the description says what.

`

/** What a setting takes, in the words of its own parser: no parser takes NUL, save that of plain text. */
function takes(setting: Setting<unknown>): string {
  const parsed = setting.parse('\0')
  return 'mistake' in parsed ? parsed.mistake.replace(/^must (be |have )?/, '') : 'text'
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
    process.stderr.write('docs/settings.md is not what the settings say: run node scripts/write-settings-doc.ts\n')
    process.exit(1)
  }
} else {
  writeFileSync(file, text)
}
