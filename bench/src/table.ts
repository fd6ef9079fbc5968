/** Prints a table in Markdown, so that it can stand in the documents as it is. */
export function printTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  note: string,
): void {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  process.stdout.write(`${lines.join('\n')}\n\n${note}\n`)
}
