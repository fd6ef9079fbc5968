import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const IV_BYTES = 12
const TAG_BYTES = 16

/** AES-256-GCM under a key that the server's secret gives for one purpose. */
export interface Sealing {
  /** @param name what it is of: under another name it does not open */
  seal(name: string, text: string): Buffer
  /** @returns undefined for what this secret did not seal under this name */
  open(name: string, sealed: Uint8Array): string | undefined
}

/** @param purpose such as `skycrate signing keys`; each has a key of its own */
export function createSealing(secret: string, purpose: string): Sealing {
  const key = Buffer.from(hkdfSync('sha256', secret, '', purpose, 32))
  return {
    seal(name, text) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(name))
      return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
    },
    open(name, sealed) {
      if (sealed.length < IV_BYTES + TAG_BYTES) return undefined
      const tag = sealed.subarray(sealed.length - TAG_BYTES)
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES))
        .setAAD(Buffer.from(name))
        .setAuthTag(tag)
      try {
        const text = decipher.update(sealed.subarray(IV_BYTES, sealed.length - TAG_BYTES))
        return Buffer.concat([text, decipher.final()]).toString('utf8')
      } catch {
        return undefined
      }
    },
  }
}
