const MOST = 3

/** The settings that share at least half of their words with a name that is none, the likeliest first. */
export function resembling(name: string, settings: readonly string[]): string[] {
  const asked = wordsOf(name)
  return settings
    .map((setting) => {
      const words = wordsOf(setting)
      const shared = words.filter((word) => asked.includes(word)).length
      return { setting, likeness: shared / Math.max(words.length, asked.length) }
    })
    .filter(({ likeness }) => likeness >= 0.5)
    .toSorted((one, other) => other.likeness - one.likeness)
    .slice(0, MOST)
    .map(({ setting }) => setting)
}

const wordsOf = (name: string): string[] => name.split('_').filter((word) => word !== 'SKYCRATE')
