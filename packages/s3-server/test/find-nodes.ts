import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const majorOf = (path: string): number =>
  Number(/^v(\d+)/.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }))?.[1])

/** The machine's own Node, if it has one that is too old to run the server by itself. */
export const findOldNode = (): string | undefined =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '' && !folder.includes('node_modules'))
    .map((folder) => join(folder, 'node'))
    .find((path) => existsSync(path) && majorOf(path) < 26)

/** This Node, and the machine's own where it is too old. */
export const findNodes = (): string[] => {
  const old = findOldNode()
  return [process.execPath, ...(old === undefined ? [] : [old])]
}
