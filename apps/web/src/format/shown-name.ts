/** A name as it is shown: keys of other programs may have empty ones. */
export const shownName = (name: string): string => name || '(no name)'
