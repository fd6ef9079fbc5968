import { spawnSync, type SpawnOptions } from 'node:child_process'
import { statSync } from 'node:fs'
import { chown, lstat, readdir } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { dedicatedUid, isDedicated } from './dedicated-uid.ts'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'

/** `nobody` on Linux: initdb, which insists on a name, finds it. */
export const NOBODY = 65_534

/** How PostgreSQL, which refuses to run as root, is started. */
export interface ServerAccount {
  readonly kind: 'own' | 'unprivileged' | 'user-namespace'
  /** Who owns the files; undefined where that is whoever runs SkyCrate. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined
  /** What to spawn for a program and its arguments. */
  command(program: string, arguments_: readonly string[]): SpawnCommand
  /** The same for a program that insists on a name of its user. */
  namedCommand(program: string, arguments_: readonly string[]): SpawnCommand
}

export interface SpawnCommand {
  readonly file: string
  readonly arguments: readonly string[]
  readonly options: Pick<SpawnOptions, 'uid' | 'gid'>
}

/**
 * Whoever runs SkyCrate runs PostgreSQL too, except root. Then it is the owner of the data (so that data made as an
 * ordinary user stays theirs), else a user id of its own, or `nobody` where that cannot be given a name; and where that user cannot reach a path, such as a checkout
 * under /root, root itself in a user namespace. So does a user without a name.
 * @param paths programs that PostgreSQL's account must be able to run, directories it must be able to pass
 * @throws EmbeddedPostgresError
 */
export function chooseServerAccount(dataDir: string, paths: readonly string[]): ServerAccount {
  if (process.getuid?.() !== 0) {
    const nameless = !hasName() && namespacesWork()
    return nameless
      ? inNamespace(undefined)
      : { kind: 'own', owner: undefined, command: plainCommand, namedCommand: plainCommand }
  }
  const owner = statSync(dataDir)
  const hasOwner = owner.uid !== 0 && owner.uid !== NOBODY
  const own = hasOwner ? owner.uid : dedicatedUid(dataDir)
  const canBeNamed = hasOwner || namespacesWork({ uid: own, gid: own })
  const uid = canBeNamed ? own : NOBODY
  const gid = hasOwner ? owner.gid : uid
  if (canReach(uid, gid, paths)) {
    const options = { uid, gid }
    const command: ServerAccount['command'] = (...call) => ({ ...plainCommand(...call), options })
    const namedCommand: ServerAccount['command'] = (...call) => ({ ...namespaceCommand(...call), options })
    return {
      kind: 'unprivileged',
      owner: { uid, gid },
      command,
      namedCommand: isDedicated(uid) ? namedCommand : command,
    }
  }
  if (namespacesWork()) return inNamespace({ uid: 0, gid: 0 })
  throw new EmbeddedPostgresError(
    `PostgreSQL does not run as root, and the user with id ${uid} cannot reach all of ${paths.join(', ')}: ` +
      'run SkyCrate as an ordinary user, keep it and its data where others may enter, or set DATABASE_URL',
  )
}

function inNamespace(owner: ServerAccount['owner']): ServerAccount {
  return { kind: 'user-namespace', owner, command: namespaceCommand, namedCommand: namespaceCommand }
}

function plainCommand(program: string, arguments_: readonly string[]): SpawnCommand {
  return { file: program, arguments: arguments_, options: {} }
}

/** Whoever runs this is `nobody` inside, has no privileges there, and outside stays who they are. */
function namespaceCommand(program: string, arguments_: readonly string[]): SpawnCommand {
  return plainCommand('unshare', [
    '--user',
    `--map-user=${NOBODY}`,
    `--map-group=${NOBODY}`,
    '--',
    program,
    ...arguments_,
  ])
}

function namespacesWork(user: SpawnCommand['options'] = {}): boolean {
  const probe = namespaceCommand('true', [])
  return spawnSync(probe.file, probe.arguments, { stdio: 'ignore', cwd: '/', ...user }).status === 0
}

/** Containers often run as a number that is in no list of users; initdb insists on a name. */
function hasName(): boolean {
  try {
    userInfo()
    return true
  } catch {
    return false
  }
}

/** Asked by trying, as that user: modes alone do not tell (access lists, mount options). */
function canReach(uid: number, gid: number, paths: readonly string[]): boolean {
  const script = 'for path do [ -x "$path" ] || exit 1; done'
  const { status } = spawnSync('/bin/sh', ['-c', script, 'sh', ...paths], { uid, gid, cwd: '/', stdio: 'ignore' })
  return status === 0
}

/** Gives a directory and all in it to the account, where it is not theirs already. */
export async function giveTo(account: ServerAccount, path: string): Promise<void> {
  if (!account.owner) return
  const { uid, gid } = account.owner
  const entry = await lstat(path)
  // The children first: a directory that is theirs then tells that all in it is, even after an interruption.
  if (entry.isDirectory() && entry.uid !== uid) {
    for (const name of await readdir(path)) await giveTo(account, join(path, name))
  }
  if (entry.uid !== uid && !entry.isSymbolicLink()) await chown(path, uid, gid)
}
