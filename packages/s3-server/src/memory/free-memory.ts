/**
 * Gives the memory of bytes back at once, when nothing else lies in it; they are then empty. The garbage collector would
 * do so too, but it looks at the small objects that JavaScript sees, and lets a hundred megabytes gather behind them.
 */
export const freeMemory = ({ buffer, byteLength }: Uint8Array): void => {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && byteLength > 0) buffer.transfer(0)
}
