// The least a durable PUT can cost on a disk: `node fsync-limit.ts DIR BYTES WRITERS SECONDS` makes new files, writes and
// syncs each, and prints how many a second. Nothing of a protocol, a name or an index is in it.
import { mkdtemp, open, rm } from 'node:fs/promises'
import { join } from 'node:path'

const [parent = '.', bytes = '1024', writers = '1', seconds = '2'] = process.argv.slice(2)
const directory = await mkdtemp(join(parent, 'fsync-'))
const content = Buffer.alloc(Number(bytes), 'x')
let files = 0
const began = performance.now()
const until = began + Number(seconds) * 1000
await Promise.all(
  Array.from({ length: Number(writers) }, async () => {
    while (performance.now() < until) {
      const handle = await open(join(directory, String(files++)), 'wx')
      await handle.write(content)
      await handle.sync()
      await handle.close()
    }
  }),
)
const perSecond = files / ((performance.now() - began) / 1000)
await rm(directory, { recursive: true, force: true })
process.stdout.write(`${perSecond}\n`)
