import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { ChecksumAlgorithm } from './checksum-algorithm.ts'
import { crc32c } from './crc32c.ts'
import { Crc64Nvme } from './crc64nvme.ts'

interface Running {
  update(data: Uint8Array): void
  digest(): Buffer
}

const runningCrc = (step: (data: Uint8Array, previous: number) => number): Running => {
  let value = 0
  return {
    update: (data) => {
      value = step(data, value)
    },
    digest: () => {
      const out = Buffer.alloc(4)
      out.writeUInt32BE(value)
      return out
    },
  }
}

const runningHash = (name: string): Running => {
  const hash: Hash = createHash(name)
  return {
    update: (data) => {
      hash.update(data)
    },
    digest: () => hash.digest(),
  }
}

const start = (name: DigestName): Running => {
  switch (name) {
    case 'MD5':
      return runningHash('md5')
    case 'SHA1':
      return runningHash('sha1')
    case 'SHA256':
      return runningHash('sha256')
    case 'CRC32':
      return runningCrc(crc32)
    case 'CRC32C':
      return runningCrc(crc32c)
    case 'CRC64NVME':
      return new Crc64Nvme()
  }
}

export type DigestName = ChecksumAlgorithm | 'MD5'

/** Several digests of one stream, each computed once however often it was asked for. */
export class DigestSet {
  readonly #running: Map<DigestName, Running>
  readonly #results = new Map<DigestName, Buffer>()

  constructor(names: Iterable<DigestName>) {
    this.#running = new Map([...new Set(names)].map((name) => [name, start(name)]))
  }

  get names(): readonly DigestName[] {
    return [...this.#running.keys()]
  }

  /** Takes results that were computed elsewhere from the whole stream. */
  adopt(results: Iterable<readonly [DigestName, Uint8Array]>): void {
    this.#running.clear()
    for (const [name, result] of results) this.#results.set(name, Buffer.from(result))
  }

  update(data: Uint8Array): void {
    for (const running of this.#running.values()) running.update(data)
  }

  /** The finished digest; the set takes no more data after the first call. Throws for a name it was not made with. */
  result(name: DigestName): Buffer {
    let result = this.#results.get(name)
    if (result === undefined) {
      const running = this.#running.get(name)
      if (running === undefined) throw new Error(`digest ${name} was not computed`)
      result = running.digest()
      this.#results.set(name, result)
    }
    return result
  }
}
