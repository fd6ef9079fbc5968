/** Of one file; the browser has six connections to a host at most. */
const MOST = 4
/** Of the file: what is under way when a connection breaks is sent twice. */
const AT_RISK = 0.05

/** How many parts of a file are sent at once: fewer of a small file, so that an interruption costs little of it. */
export function partsAtOnce(size: number, partSize: number): number {
  return Math.max(2, Math.min(MOST, Math.floor((size * AT_RISK) / partSize)))
}
