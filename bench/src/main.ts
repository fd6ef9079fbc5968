// npm run bench [-- --only hot-path|signing|cdn|sign-in|store|scale|pages|lambda|list|memory|scim|search|web-uploads|scroll|operations|inventory] [--rounds N]
//               [--seconds N] [--peer COMMAND]
//               [--directory DIR] [--store-peer http://KEY:SECRET@HOST:PORT] [--peers nginx,s3rver,ceph]
//               [--match 'GET 100 MB'] [--keys N] [--events N] [--users N] [--permissions N] [--uploads N] [--size BYTES] [--names N]
//               [--objects N]
// `lambda` packs, and `scale`, `pages`, `list`, `memory`, `scim`, `search`, `web-uploads`, `scroll`, `operations` and `inventory` fill databases and
// disks, so they run only when they are named.
import { parseArgs } from 'node:util'
import { cdn } from './cdn.ts'
import { doors } from './doors.ts'
import { hotPath } from './hot-path.ts'
import { inventory } from './inventory.ts'
import { lambda } from './lambda.ts'
import { list } from './list.ts'
import { memory } from './memory.ts'
import { operations } from './operations.ts'
import { pages } from './pages.ts'
import { scale } from './scale.ts'
import { scim } from './scim.ts'
import { scroll } from './scroll.ts'
import { search } from './search.ts'
import { signIn } from './sign-in.ts'
import { signing } from './signing.ts'
import { store } from './store.ts'
import { webUploads } from './web-uploads.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    peer: { type: 'string' },
    'store-peer': { type: 'string' },
    peers: { type: 'string', default: 'nginx,s3rver,ceph' },
    directory: { type: 'string' },
    match: { type: 'string', default: '' },
    keys: { type: 'string', default: '10000000' },
    events: { type: 'string', default: '10000000' },
    users: { type: 'string', default: '1000000' },
    permissions: { type: 'string', default: '1000000' },
    uploads: { type: 'string', default: '64' },
    size: { type: 'string', default: String(1024 ** 3) },
    names: { type: 'string', default: '1000000' },
    objects: { type: 'string', default: '10000000' },
  },
})
const rounds = Number(values.rounds)
const seconds = Number(values.seconds)
if (!(rounds >= 1 && rounds <= 50 && seconds >= 1 && seconds <= 60)) {
  throw new RangeError('--rounds is 1 to 50, --seconds 1 to 60')
}
const keys = Number(values.keys)
if (!(keys >= 20_000 && keys <= 20_000_000 && keys % 10_000 === 0)) {
  throw new RangeError('--keys is 20,000 to 20,000,000, in tens of thousands')
}
const events = Number(values.events)
if (!(events >= 10_000 && events <= 100_000_000)) throw new RangeError('--events is 10,000 to 100,000,000')
const users = Number(values.users)
const permissions = Number(values.permissions)
for (const count of [users, permissions]) {
  if (!(Number.isInteger(count) && count >= 10_000 && count <= 10_000_000)) {
    throw new RangeError('--users and --permissions are 10,000 to 10,000,000')
  }
}
const uploads = Number(values.uploads)
const size = Number(values.size)
if (!(uploads >= 1 && uploads <= 256 && size >= 16 * 1024 ** 2 && size <= 5 * 1024 ** 3)) {
  throw new RangeError('--uploads is 1 to 256, --size 16 MiB to 5 GiB in bytes')
}
const names = Number(values.names)
if (!(names >= 1_000 && names <= 20_000_000)) throw new RangeError('--names is 1,000 to 20,000,000')
const objects = Number(values.objects)
if (!(objects >= 10_000 && objects <= 100_000_000 && objects % 10_000 === 0)) {
  throw new RangeError('--objects is 10,000 to 100,000,000, in tens of thousands')
}
const { directory, match } = values
const peers = values.peers.split(',').filter((name) => name !== '')

const benches: Readonly<Record<string, () => Promise<void>>> = {
  'hot-path': () => hotPath({ rounds, seconds, peer: values.peer }),
  scim: () => scim(Math.min(users, 100_000)),
  signing: () => signing(rounds),
  'sign-in': () => signIn({ rounds, seconds }),
  cdn: () => cdn(rounds),
  doors: () => doors({ rounds, seconds }),
  store: () => store({ rounds, seconds, peer: values['store-peer'], peers, directory, match }),
  scale: () => scale(rounds, seconds),
  pages: () => pages({ events, users, permissions }),
  lambda: () => lambda(rounds),
  list: () => list({ rounds, seconds, keys, directory }),
  search: () => search(names),
  memory: () => memory({ uploads, size, directory }),
  'web-uploads': () => webUploads({ files: 1000, size }),
  scroll: () => scroll({ objects: Math.min(objects, 100_000), rounds }),
  operations: () => operations(Math.min(objects, 100_000)),
  inventory: () => inventory(objects),
}
const ONLY_WHEN_NAMED = [
  'lambda',
  'scale',
  'pages',
  'list',
  'memory',
  'scim',
  'search',
  'web-uploads',
  'scroll',
  'operations',
  'inventory',
]
for (const [name, bench] of Object.entries(benches)) {
  if (values.only === undefined ? ONLY_WHEN_NAMED.includes(name) : values.only !== name) continue
  process.stdout.write(`\n## ${name}\n\n`)
  await bench()
}
