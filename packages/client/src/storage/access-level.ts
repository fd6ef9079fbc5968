/**
 * Whose place in the library a path is in. `public` (or `guest`, as Amplify says): everybody reads, guests too, and who is
 * signed in writes. `protected`: everybody reads, the owner writes. `private`: the owner alone.
 */
export type AccessLevel = 'guest' | 'public' | 'protected' | 'private'

export interface Place {
  /** Default: `private`. */
  readonly level?: AccessLevel | undefined
  /** Another person's id, for what they have under `protected`. */
  readonly userId?: string | undefined
}

/** @param ownId asked for only where a level needs it */
export async function prefixOf({ level = 'private', userId }: Place, ownId: () => Promise<string>): Promise<string> {
  switch (level) {
    case 'guest':
    case 'public':
      return 'public/'
    case 'protected':
    case 'private':
      return `${level}/${userId ?? (await ownId())}/`
  }
}
