import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'

const AsyncFunction = (async () => {}).constructor as new (
  ...given: string[]
) => (...values: unknown[]) => Promise<unknown>

/**
 * Runs the JavaScript of one section of a guide, from top to bottom, as a reader would.
 *
 * @param options `replace`: puts this system's addresses in the place of the guide's. `values`: what a snippet takes for
 * granted.
 */
export async function runGuide(
  name: string,
  heading: string,
  options: {
    readonly replace: (text: string) => string
    readonly values?: Readonly<Record<string, unknown>>
    readonly import: (specifier: string) => Promise<object>
  },
): Promise<void> {
  const guide = await readFile(new URL(`../docs/guides/${name}`, import.meta.url), 'utf8')
  const section = guide.split(/^## /m).find((each) => each.startsWith(`${heading}\n`))
  assert.ok(section, heading)
  const snippets = Array.from(section.matchAll(/```js\n(.*?)```/gs), ([, snippet]) => snippet!)
  assert.ok(snippets.length > 0, heading)
  const code = options
    .replace(snippets.join('\n'))
    .replaceAll(/^import (\{.*?\}) from ('.*?');?$/gm, 'const $1 = await load($2)')
  const values = { load: options.import, ...options.values }
  await new AsyncFunction(...Object.keys(values), code)(...Object.values(values))
}
