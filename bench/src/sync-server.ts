// The least that a durable PUT over HTTP can cost: `node sync-server.ts DIR` writes each body to a new file, syncs that
// and answers. No names, no index, no signature, no hash. Prints its port.
import { open } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

const [directory = '.'] = process.argv.slice(2)
let files = 0

const server = createServer({ noDelay: true }, (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    void (async () => {
      const handle = await open(join(directory, String(files++)), 'wx')
      await handle.writev(chunks)
      await handle.sync()
      await handle.close()
      response.writeHead(200, { 'content-length': 0 }).end()
    })()
  })
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`))
process.once('SIGTERM', () => process.exit(0))
