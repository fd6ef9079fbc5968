import { execFile } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Daemon, startDaemon, tail } from '../daemon.ts'
import { freePort } from '../free-port.ts'
import { request } from '../http.ts'
import { poll } from '../poll.ts'

/** Debian's packages that hold what is started here. */
export const CEPH_PACKAGES = ['ceph-mon', 'ceph-osd', 'radosgw', 'ceph-common'] as const

const PROGRAMS = ['ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin', 'ceph', 'monmaptool'] as const
const HOST = '127.0.0.1'

export interface S3User {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** A running cluster: one monitor, one OSD, one gateway with S3 and STS. */
export interface Ceph extends AsyncDisposable {
  readonly url: string
  readonly region: string
  readonly owner: S3User
  /** Another S3 account: a stranger to the owner's buckets. Bucket names are shared by all accounts. */
  addUser(name: string): Promise<S3User>
  /**
   * A role that the owner may assume and that may do everything in S3, as the guide for operators describes it.
   * @returns its ARN
   */
  addRole(name: string): Promise<string>
}

/** Whether Ceph's programs are on this machine. */
export function cephInstalled(): boolean {
  return process.platform === 'linux' && PROGRAMS.every((program) => existsSync(`/usr/bin/${program}`))
}

export interface CephOptions {
  /** Where everything of the cluster lies, gone at its end; a temporary folder when absent. */
  readonly directory?: string
  /** Keeps the objects with BlueStore in a sparse file of that size, not in the OSD's memory. */
  readonly diskBytes?: number
}

/** @throws with the ends of the daemons' logs where the cluster does not come up within a minute or so */
export async function startCeph({ directory, diskBytes }: CephOptions = {}): Promise<Ceph> {
  if (directory !== undefined) await mkdir(directory, { recursive: true })
  const dir = directory ?? (await mkdtemp(join(tmpdir(), 'skycrate-ceph-')))
  const configFile = join(dir, 'ceph.conf')
  const daemons: { name: string; daemon: Daemon }[] = []
  // Only what is written here may decide what Ceph does, not the caller's CEPH_CONF and the like.
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', HOME: dir, TMPDIR: dir }

  const tool = async (program: string, ...args: string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)(program, ['-c', configFile, ...args], { env, timeout: 60_000 })
    return stdout
  }
  const daemon = async (name: string, program: string, ...args: string[]): Promise<void> => {
    const all = ['-c', configFile, '-f', '--log-to-stderr=true', ...args]
    daemons.push({ name, daemon: await startDaemon(program, all, { env, cwd: dir }) })
  }
  const ended = (): string | undefined => daemons.find((each) => each.daemon.exit())?.name

  // At once: asked politely, an OSD in memory first writes all that it holds to the disk, where nobody will read it.
  const dispose = async (): Promise<void> => {
    for (const each of daemons.toReversed()) await each.daemon.end('SIGKILL')
    await rm(dir, { recursive: true, force: true })
  }

  try {
    const [monitorPort, gatewayPort] = [await freePort(), await freePort()]
    const clusterId = randomUUID()
    const keyring = join(dir, 'keyring')
    const osdId = randomUUID()
    const monitorMap = join(dir, 'monmap')
    for (const each of ['mon', 'osd', 'rgw']) await mkdir(join(dir, each))
    await writeFile(configFile, configuration({ dir, clusterId, monitorPort, gatewayPort, diskBytes }))
    await writeFile(keyring, KEYRING.map(({ name, caps }) => keyringEntry(name, caps)).join(''), { mode: 0o600 })

    await tool('monmaptool', '--create', '--fsid', clusterId, '--addv', 'a', `[v2:${HOST}:${monitorPort}]`, monitorMap)
    await tool('ceph-mon', '--mkfs', '-i', 'a', '--monmap', monitorMap, '--keyring', keyring)
    await daemon('monitor', 'ceph-mon', '-i', 'a')
    const given = (await tool('ceph', '--connect-timeout', '30', 'osd', 'new', osdId)).trim()
    if (given !== '0') throw new Error(`the first OSD was given the number ${given}`)
    await tool('ceph-osd', '--mkfs', '-i', '0', '--osd-uuid', osdId, '--no-mon-config')
    await daemon('osd', 'ceph-osd', '-i', '0')
    await daemon('gateway', 'radosgw', '-n', 'client.rgw')

    const url = `http://${HOST}:${gatewayPort}`
    await poll('the gateway answers', 90_000, async () => {
      const dead = ended()
      if (dead) throw new Error(`the ${dead} ended`)
      return request(`${url}/`).then(
        (answer) => answer.status === 200,
        () => false,
      )
    })

    const addUser = async (name: string): Promise<S3User> => {
      const user = {
        accessKeyId: `AKIA${randomBytes(8).toString('hex').toUpperCase()}`,
        secretAccessKey: randomBytes(20).toString('hex'),
      }
      const keys = ['--access-key', user.accessKeyId, '--secret-key', user.secretAccessKey]
      const caps = ['--caps', 'roles=*;oidc-provider=*;user-policy=*']
      await tool('radosgw-admin', 'user', 'create', '--uid', name, '--display-name', name, ...keys, ...caps)
      return user
    }
    const owner = await addUser('skycrate')
    const addRole = async (name: string): Promise<string> => {
      const role = ['--role-name', name]
      await tool('radosgw-admin', 'role', 'create', ...role, '--assume-role-policy-doc', TRUST)
      await tool('radosgw-admin', 'role-policy', 'put', ...role, '--policy-name', 'all', '--policy-doc', ALL_OF_S3)
      return `arn:aws:iam:::role/${name}`
    }
    return { url, region: 'us-east-1', owner, addUser, addRole, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    const logs = daemons.map((each) => `---- the end of the ${each.name}'s log\n${tail(each.daemon.output(), 15)}`)
    await dispose()
    throw new Error(
      `Ceph did not start: ${error instanceof Error ? error.message : String(error)}\n${logs.join('\n')}`,
      {
        cause: error,
      },
    )
  }
}

/** Nobody but a session has a user id with a colon: without the denial a session could assume the role anew, without its policy. */
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: ['arn:aws:iam:::user/skycrate'] }, Action: ['sts:AssumeRole'] },
    {
      Effect: 'Deny',
      Principal: { AWS: ['*'] },
      Action: ['sts:AssumeRole'],
      Condition: { StringLike: { 'aws:userid': '*:*' } },
    },
  ],
})

const ALL_OF_S3 = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: ['s3:*'], Resource: ['arn:aws:s3:::*'] }],
})

interface Layout {
  readonly dir: string
  readonly clusterId: string
  readonly monitorPort: number
  readonly gatewayPort: number
  readonly diskBytes: number | undefined
}

const MEMORY_STORE = `osd objectstore = memstore
memstore device bytes = 1073741824`

// Sized as its own documents say for a small machine; the cache must not eat the page cache of who is beside it.
const blueStore = (bytes: number): string => `osd objectstore = bluestore
osd max object name len = 2048
bluestore block create = true
bluestore block size = ${bytes}
osd memory target = 1073741824`

// Given to the monitor at its birth, so that no daemon has to be introduced to it later. (Without cephx at all the
// gateway finds no way to sign in.)
const KEYRING = [
  { name: 'mon.', caps: { mon: 'allow *' } },
  { name: 'client.admin', caps: { mon: 'allow *', osd: 'allow *', mgr: 'allow *' } },
  { name: 'osd.0', caps: { mon: 'allow profile osd', osd: 'allow *', mgr: 'allow profile osd' } },
  { name: 'client.rgw', caps: { mon: 'allow rw', osd: 'allow rwx', mgr: 'allow rw' } },
] as const

/** A key is a little-endian record in Base64: its type (1, AES), when it was made, its length and 16 random bytes. */
function keyringEntry(name: string, caps: Readonly<Record<string, string>>): string {
  const record = Buffer.alloc(12 + 16)
  record.writeUInt16LE(1, 0)
  record.writeUInt32LE(Math.floor(Date.now() / 1000), 2)
  record.writeUInt16LE(16, 10)
  randomBytes(16).copy(record, 12)
  const lines = Object.entries(caps).map(([daemon, cap]) => `\tcaps ${daemon} = "${cap}"\n`)
  return `[${name}]\n\tkey = ${record.toString('base64')}\n${lines.join('')}`
}

function configuration({ dir, clusterId, monitorPort, gatewayPort, diskBytes }: Layout): string {
  return `[global]
fsid = ${clusterId}
mon host = [v2:${HOST}:${monitorPort}]
public addr = ${HOST}
cluster addr = ${HOST}
ms bind msgr1 = false
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
auth allow insecure global id reclaim = false
keyring = ${dir}/keyring
run dir = ${dir}
crash dir = ${dir}
admin socket =
pid file =
log file =
mon cluster log file = /dev/null
; one copy of everything, on the one OSD, in few placement groups
osd pool default size = 1
osd pool default min size = 1
mon allow pool size one = true
osd crush chooseleaf type = 0
osd pool default pg num = 8
osd pool default pg autoscale mode = off
mon max pg per osd = 1000

[mon]
mon data = ${dir}/mon
; the gateway makes its pools one by one, and each would wait a second for the next round
paxos propose interval = 0.05
paxos min wait = 0.01
; how full the machine's disk is is not the test's concern
mon data avail warn = 1
mon data avail crit = 0

[osd]
osd data = ${dir}/osd
${diskBytes === undefined ? MEMORY_STORE : blueStore(diskBytes)}

[client.rgw]
rgw data = ${dir}/rgw
; without nodelay, each GET on a kept connection waits 40 ms for a delayed ACK
rgw frontends = beast endpoint=${HOST}:${gatewayPort} tcp_nodelay=1
rgw dns name = localhost
rgw s3 auth use sts = true
rgw sts key = ${randomBytes(8).toString('hex')}
rgw thread pool size = 32
; what was overwritten is freed after half a minute, not two hours
rgw gc obj min wait = 30
rgw gc processor period = 30
rgw enable usage log = false
rgw enable ops log = false
`
}
