/** Whether an error says that there is no room, and hence that nothing was written: the system's, or SQLITE_FULL (13). */
export const isFullDisk = (error: unknown): boolean => {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  return code === 'ENOSPC' || code === 'EDQUOT' || errcode === 13
}
