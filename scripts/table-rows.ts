/** @returns the cells of each row of the tables in a Markdown text, without their heads */
export function tableRows(markdown: string): string[][] {
  const lines = markdown.split('\n')
  return lines
    .filter((line, at) => line.startsWith('|') && !isRule(line) && !isRule(lines[at + 1]))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    )
}

const isRule = (line: string | undefined): boolean => line?.startsWith('|-') ?? false

/** The tests that a cell names. That the files are there is seen by doc-paths.test.ts. */
export const testsIn = (cell: string): string[] =>
  [...cell.matchAll(/`(?<path>[\w./-]+\.test\.ts)`/g)].map(({ groups }) => groups!['path']!)
