/** What systems put into folders for themselves. In macOS the name of a folder's icon ends in a carriage return. */
export const OF_THE_SYSTEM: ReadonlySet<string> = new Set(['.DS_Store', 'Icon\r', 'Thumbs.db', 'desktop.ini'])
