/** What an operator can do about a port that somebody else has; any other error as it is. */
export function portTaken(cause: unknown, host: string, port: number, setting: string): unknown {
  if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') return cause
  return new Error(`port ${port} is taken on ${host}: set ${setting} to another`, { cause })
}
