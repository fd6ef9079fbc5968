import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** Runs a verb of the program to its end. */
export const runVerb = (...parameters: string[]): Promise<{ code: number; output: string; errors: string }> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...parameters], (_error, output, errors) => {
      resolve({ code: child.exitCode ?? -1, output, errors })
    })
  })
