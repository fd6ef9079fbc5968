import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Daemon, startDaemon } from '../daemon.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const TRUSTED = '/etc/ssl/certs/ca-certificates.crt'
const run = promisify(execFile)

export interface Image {
  /** Bytes, with its base. */
  readonly size: number
  readonly user: string
  readonly command: readonly string[]
  readonly environment: readonly string[]
}

/** Builds images without a container engine and without a registry: buildah, on bases made of Debian's packages. */
export interface ImageBuilder extends AsyncDisposable {
  /** @returns the image's name */
  build(dockerfile: string): Promise<string>
  inspect(image: string): Promise<Image>
  /** A new container of the image. `hosts`: names that lead to loopback in it. */
  container(image: string, hosts?: readonly string[]): Promise<Container>
}

export interface Container {
  /** Runs a command on the host's network, as the image's user. */
  start(
    command: readonly string[],
    options?: { readonly env?: Readonly<Record<string, string>>; readonly volumes?: readonly string[] },
  ): Promise<Daemon>
}

/** Where this machine's npm lies. What it says itself depends on the Node that runs it: of several, one may have no npm. */
async function npmFolder(path: string): Promise<string> {
  for (const folder of path.split(':')) {
    const command = await realpath(join(folder, 'npm')).catch(() => undefined)
    if (command?.endsWith('/bin/npm-cli.js')) return dirname(dirname(command))
  }
  throw new Error('No npm in PATH: install Node.js with its npm')
}

export async function openImageBuilder(): Promise<ImageBuilder> {
  const dir = await mkdtemp(join(tmpdir(), 'skycrate-images-'))
  const store = ['--root', join(dir, 'root'), '--runroot', join(dir, 'run'), '--storage-driver', 'vfs']
  const { PATH = '' } = process.env
  const buildah = async (...args: string[]): Promise<string> => {
    const options = { env: { PATH, HOME: dir }, maxBuffer: 64 * 1024 * 1024 }
    return (await run('buildah', [...store, ...args], options)).stdout.trim()
  }

  async function makeBases(): Promise<void> {
    const packages = ['ca-certificates', 'libatomic1', 'libstdc++6']
    const without = ['man', 'doc', 'locale'].map((part) => `--dpkgopt=path-exclude=/usr/share/${part}/*`)
    const tarball = join(dir, 'debian.tar')
    const options = { env: { PATH: `${PATH}:/usr/sbin:/sbin`, TMPDIR: dir }, maxBuffer: 64 * 1024 * 1024 }
    await run(
      'mmdebstrap',
      ['--quiet', '--variant=minbase', `--include=${packages.join(',')}`, ...without, 'bookworm', tarball],
      options,
    )
    const container = await buildah('from', 'scratch')
    await buildah('add', '--quiet', container, tarball, '/')
    await buildah('commit', '--quiet', container, 'localhost/debian')
    // What Node's own image brings: Node, npm, and here whom this machine trusts when it fetches packages.
    const files = join(dir, 'build-base')
    await mkdir(join(files, 'usr/local/lib/node_modules'), { recursive: true })
    await mkdir(join(files, 'usr/local/bin'), { recursive: true })
    await mkdir(join(files, dirname(TRUSTED)), { recursive: true })
    await cp(TRUSTED, join(files, TRUSTED), { dereference: true })
    await cp(await npmFolder(PATH), join(files, 'usr/local/lib/node_modules/npm'), { recursive: true })
    await cp(process.execPath, join(files, 'usr/local/bin/node'), { dereference: true })
    await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(files, 'usr/local/bin/npm'))
    await buildah('add', '--quiet', container, files, '/')
    await buildah('config', '--env', `NODE_EXTRA_CA_CERTS=${TRUSTED}`, container)
    await buildah('commit', '--quiet', '--rm', container, 'localhost/build')
    await rm(tarball)
  }

  const dispose = (): Promise<void> => rm(dir, { recursive: true, force: true, maxRetries: 5 })
  try {
    await makeBases()
  } catch (error) {
    await dispose()
    throw error
  }

  return {
    async build(dockerfile) {
      const image = 'localhost/skycrate'
      const bases = ['BUILD_BASE=localhost/build', 'BASE=localhost/debian'].flatMap((base) => ['--build-arg', base])
      // Docker's format keeps the health check.
      const how = ['--format', 'docker', '--isolation', 'chroot', '--pull-never', '--layers=false', '--quiet']
      await buildah('bud', ...how, ...bases, '--file', join(ROOT, dockerfile), '--tag', image, ROOT)
      return image
    },

    async inspect(image) {
      const [{ size }] = JSON.parse(await buildah('images', '--json', image)) as [{ size: string }]
      const { Docker } = JSON.parse(await buildah('inspect', '--type', 'image', image)) as {
        Docker: { config: { User: string; Cmd: string[]; Env: string[] } }
      }
      const [, amount, unit] = /^([\d.]+) (KB|MB|GB)$/.exec(size)!
      const bytes = Number(amount) * { KB: 1e3, MB: 1e6, GB: 1e9 }[unit as 'KB' | 'MB' | 'GB']
      return { size: bytes, user: Docker.config.User, command: Docker.config.Cmd, environment: Docker.config.Env }
    },

    async container(image, hosts = []) {
      const added = hosts.flatMap((host) => ['--add-host', `${host}:127.0.0.1`])
      const container = await buildah('from', '--pull-never', ...added, image)
      return {
        start(command, { env = {}, volumes = [] } = {}) {
          const options = [
            ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
            ...volumes.flatMap((volume) => ['--volume', volume]),
          ]
          const args = [...store, 'run', '--isolation', 'chroot', ...options, container, '--', ...command]
          return startDaemon('/usr/bin/buildah', args, { env: { PATH, HOME: dir }, cwd: dir })
        },
      }
    },

    [Symbol.asyncDispose]: dispose,
  }
}
