interface Entry {
  readonly version?: string
  readonly integrity?: string
  readonly link?: boolean
  readonly inBundle?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}
interface Lockfile {
  readonly packages: Readonly<Record<string, Entry>>
}

/**
 * What would make `npm ci` fail elsewhere, or install something other than here: an entry without a version, a package
 * from outside without a hash of its content, or one that is needed somewhere (be it on another platform only) and is
 * not there, as a registry that lacks it leaves it.
 */
export function lockfileMistakes(text: string): string[] {
  const { packages } = JSON.parse(text) as Lockfile
  return Object.entries(packages).flatMap(([path, entry]) => {
    const needed = Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })
    const absent = needed.filter((name) => !isFound(packages, path, name))
    const missing = absent.map((name) => `${name}, which ${path || 'the root'} needs, is not there`)
    // The workspaces themselves: folders and the links to them.
    if (entry.link === true || !path.includes('node_modules/')) return missing
    const mistakes: string[] = [...missing]
    if (!entry.version) mistakes.push(`${path} has no version`)
    if (!entry.integrity && entry.inBundle !== true) mistakes.push(`${path} has no integrity`)
    return mistakes
  })
}

/** Looks where Node would: in the package's own node_modules, and in those above it. */
function isFound(packages: Lockfile['packages'], from: string, name: string): boolean {
  for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/'), 0))) {
    if (`${folder === '' ? '' : `${folder}/`}node_modules/${name}` in packages) return true
    if (folder === '') return false
  }
}
