// npm run bench [-- --only hot-path|signing|scale] [--rounds N] [--seconds N] [--peer COMMAND]
//               [--store-peer http://KEY:SECRET@HOST:PORT] [--directory DIR]
// `scale` fills a database with eleven million rows, so it runs only when it is named.
import { parseArgs } from 'node:util'
import { hotPath } from './hot-path.ts'
import { scale } from './scale.ts'
import { signing } from './signing.ts'
import { store } from './store.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    peer: { type: 'string' },
    'store-peer': { type: 'string' },
    directory: { type: 'string' },
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
  store: () => store({ rounds, seconds, peer: values['store-peer'], directory: values.directory }),
  scale: () => scale(rounds, seconds),
}
for (const [name, bench] of Object.entries(benches)) {
  if (values.only === undefined ? name === 'scale' : values.only !== name) continue
  process.stdout.write(`\n## ${name}\n\n`)
  await bench()
}
