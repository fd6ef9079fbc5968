interface Lockfile {
  readonly packages: Readonly<
    Record<string, { version?: string; link?: boolean; integrity?: string; inBundle?: boolean }>
  >
}

/**
 * What would make `npm ci` fail elsewhere, or install something other than here: an entry without a version, or a
 * package from outside without a hash of its content.
 */
export function lockfileMistakes(text: string): string[] {
  const { packages } = JSON.parse(text) as Lockfile
  return Object.entries(packages).flatMap(([path, entry]) => {
    // The workspaces themselves: folders and the links to them.
    if (entry.link === true || !path.includes('node_modules/')) return []
    const mistakes: string[] = []
    if (!entry.version) mistakes.push(`${path} has no version`)
    if (!entry.integrity && entry.inBundle !== true) mistakes.push(`${path} has no integrity`)
    return mistakes
  })
}
