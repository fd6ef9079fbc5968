/** SQLITE_CORRUPT or SQLITE_NOTADB, with their extended codes. */
export const isCorruption = (error: unknown): error is Error =>
  [11, 26].includes(Number((error as { errcode?: number }).errcode) & 255)
