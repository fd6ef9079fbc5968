import type { ChildProcess } from 'node:child_process'

/** The address that a starting server tells on its output. Rejects with what it wrote when it ends instead. */
export const waitForAddress = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let output = ''
    child.stderr?.on('data', (bytes: Buffer) => (output += bytes.toString()))
    child.stdout?.on('data', (bytes: Buffer) => {
      output += bytes.toString()
      const [, address] = /^S3 on (\S+)\n/m.exec(output) ?? []
      if (address !== undefined) resolve(address)
    })
    child.once('close', () => {
      reject(new Error(output))
    })
  })
