// npm run bench [-- --only hot-path|signing] [--rounds N] [--seconds N] [--peer COMMAND]
import { parseArgs } from 'node:util'
import { hotPath } from './hot-path.ts'
import { signing } from './signing.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    peer: { type: 'string' },
  },
})
const rounds = Number(values.rounds)
const seconds = Number(values.seconds)
if (!(rounds >= 1 && rounds <= 50 && seconds >= 1 && seconds <= 60)) {
  throw new RangeError('--rounds is 1 to 50, --seconds 1 to 60')
}

const benches: Readonly<Record<string, () => Promise<void>>> = {
  'hot-path': () => hotPath({ rounds, seconds, peer: values.peer }),
  signing: () => signing(rounds),
}
for (const [name, bench] of Object.entries(benches)) {
  if (values.only !== undefined && values.only !== name) continue
  process.stdout.write(`\n## ${name}\n\n`)
  await bench()
}
