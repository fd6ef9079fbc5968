/** By what highlight.js calls the parts of a language. Each is legible on paper, light and dark. */
const COLOURS = [
  ['comment, quote', '#566175', '#9aa7bd'],
  ['keyword, selector-tag, literal, section, name, tag', '#1d4ed8', '#8fb4ff'],
  ['string, regexp, addition, attribute', '#166534', '#86efac'],
  ['number, symbol, bullet, meta, deletion', '#9a3412', '#ffb74d'],
  ['title, type, built_in, variable, template-variable, attr', '#6d28d9', '#d8b4fe'],
] as const

const rulesOf = (which: 1 | 2): Record<string, { color: string }> =>
  Object.fromEntries(
    COLOURS.map((row) => [
      row[0]
        .split(', ')
        .map((part) => `& .hljs-${part}`)
        .join(', '),
      { color: row[which] },
    ]),
  )

export const CODE_SX = { ...rulesOf(1), '@media (prefers-color-scheme: dark)': rulesOf(2) }
