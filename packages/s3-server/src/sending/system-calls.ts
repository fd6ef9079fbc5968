/** What a thread needs of the system that Node has no word for. None of them waits. */
export interface SystemCalls {
  /** Another descriptor of what `descriptor` names, which lives on when that is closed; negative: not possible. */
  duplicate(descriptor: number): number
  /**
   * Reads from a file what lies in the page cache.
   *
   * @returns bytes that were read, fewer than asked for when others would have to come from the disk; negative: none
   */
  readCached(file: number, into: Buffer, position: number): number
  /** @returns bytes that the socket took, fewer than there are when it is full; negative: none */
  send(socket: number, bytes: Buffer): number
}

/** Linux's numbers, the same on all processors that Node runs on. */
const F_DUPFD_CLOEXEC = 1030
const RWF_NOWAIT = 8
const MSG_DONTWAIT = 0x40
const MSG_NOSIGNAL = 0x4000

/**
 * The calls of Linux's C library, or undefined where they are not to be had: on other systems, in a Node without
 * `node:ffi`, or where that is not allowed.
 *
 * @param memory in which all bytes lie
 * @see https://man7.org/linux/man-pages/man2/readv.2.html for preadv2 and RWF_NOWAIT
 */
export const loadSystemCalls = (memory: WebAssembly.Memory): SystemCalls | undefined => {
  // Their arguments are declared as they are on a 64-bit Linux.
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) return undefined
  try {
    const ffi = process.getBuiltinModule('node:ffi')
    const library = new ffi.DynamicLibrary(null)
    const fcntl = library.getFunction('fcntl', { arguments: ['i32', 'i32', 'i32'], return: 'i32' })
    const preadv2 = library.getFunction('preadv2', {
      arguments: ['i32', 'pointer', 'i32', 'i64', 'i32'],
      return: 'i64',
    })
    const send = library.getFunction('send', { arguments: ['i32', 'pointer', 'u64', 'i32'], return: 'i64' })
    const base = ffi.getRawPointer(new Uint8Array(memory.buffer))
    /** A `struct iovec`: address and length. */
    const vector = new BigUint64Array(new ArrayBuffer(16))
    const vectorAt = ffi.getRawPointer(vector.buffer)
    const addressOf = (bytes: Buffer): bigint => {
      if (bytes.buffer !== memory.buffer) throw new Error('the bytes must lie in the memory')
      return base + BigInt(bytes.byteOffset)
    }
    return {
      duplicate: (descriptor) => fcntl(descriptor, F_DUPFD_CLOEXEC, 0),
      readCached: (file, into, position) => {
        vector[0] = addressOf(into)
        vector[1] = BigInt(into.length)
        return Number(preadv2(file, vectorAt, 1, BigInt(position), RWF_NOWAIT))
      },
      send: (socket, bytes) =>
        Number(send(socket, addressOf(bytes), BigInt(bytes.length), MSG_DONTWAIT | MSG_NOSIGNAL)),
    }
  } catch {
    return undefined
  }
}
