import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The major version of Node that everything is tested with. */
const MAJOR = 26
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']
const END_WITH_LAUNCHER = fileURLToPath(new URL('end-with-launcher.mjs', import.meta.url))
/** There in a checkout, not in the packed form, whose dependencies npm installs with it. */
const INSTALL = fileURLToPath(new URL('../../../scripts/install.mjs', import.meta.url))
const CHECKOUT_MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url))

/** The Node that npm installed beside the program for this platform, or undefined. */
const findNode = () => {
  const require = createRequire(import.meta.url)
  const names = [`node-${platform()}-${arch()}`, `node-bin-${platform()}-${arch()}`]
  if (platform() === 'win32') names.push(`node-win-${arch()}`)
  for (const name of names) {
    let folder
    try {
      folder = dirname(require.resolve(`${name}/package.json`))
    } catch {
      continue
    }
    const path = join(folder, 'bin', platform() === 'win32' ? 'node.exe' : 'node')
    if (existsSync(path)) return path
  }
  return undefined
}

/**
 * Runs a program in this process where its Node is recent enough, else in a child under the Node that npm brought. The
 * child gets the launcher's signals, ends with it, and its end is the launcher's.
 *
 * @param {string} name what messages call it
 * @param {string} main path of its first module
 * @param {{ flags?: string[], env?: Record<string, string> }} [settings] of Node for this program; what the environment
 *   says of the same goes before. On Windows, where a process can't become another, only a child has them.
 */
export const launch = (name, main, settings = {}) => {
  const env = { ...settings.env, ...process.env }
  const flags = (settings.flags ?? []).filter((flag) => !env.NODE_OPTIONS?.includes(flag.replace(/=.*/, '')))
  // A fresh clone. What is there already is left alone, even when the lockfile says something newer: npm start sees to that.
  if (existsSync(INSTALL) && !existsSync(CHECKOUT_MODULES)) {
    const { status } = spawnSync(process.execPath, [INSTALL], { stdio: 'inherit' })
    if (status !== 0) process.exit(status ?? 1)
  }
  if (Number(process.versions.node.split('.')[0]) >= MAJOR) {
    if (flags.length > 0 && process.execve !== undefined && platform() !== 'win32') {
      const { execPath, execArgv, argv } = process
      process.execve(execPath, [execPath, ...flags, ...execArgv, main, ...argv.slice(2)], env)
    }
    // What the program sees as its own name, as if it had been started by it.
    process.argv[1] = main
    return import(pathToFileURL(main).href)
  }
  const node = findNode()
  if (node === undefined) {
    process.stderr.write(
      `${name} needs Node.js ${MAJOR} or later; this is ${process.version}, and no package of npm's that holds it is ` +
        `installed for ${platform()} ${arch()}.\nRun npm ci (or npm install) without --omit=optional, or start it with a ` +
        `Node.js ${MAJOR}.\n`,
    )
    process.exitCode = 1
    return undefined
  }
  // In a session of its own: what a terminal sends to all its processes at once reaches the child only through here, once.
  const child = spawn(
    node,
    [...flags, '--import', pathToFileURL(END_WITH_LAUNCHER).href, main, ...process.argv.slice(2)],
    {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      env,
      detached: platform() !== 'win32',
    },
  )
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      child.kill(signal)
    })
  }
  child.once('error', (error) => {
    process.stderr.write(`${name} could not be started: ${error.message}\n`)
    process.exit(1)
  })
  child.once('close', (code, signal) => {
    if (signal === null) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
  return undefined
}
