import { createCipheriv, createDecipheriv } from 'node:crypto'

/** Plain bytes in each encrypted frame but the last. */
export const FRAME_BYTES = 65_536
export const TAG_BYTES = 16
/** Bytes of a full frame on disk. */
export const SEALED_FRAME_BYTES = FRAME_BYTES + TAG_BYTES

// A data key encrypts one blob only, so the frame's number is a nonce that never repeats.
const nonceOf = (frame: number): Buffer => {
  const nonce = Buffer.alloc(12)
  nonce.writeUIntBE(frame, 6, 6)
  return nonce
}

/** One frame sealed with AES-256-GCM: the ciphertext, then the tag. Moved or cut frames do not open. */
export const sealFrame = (key: Buffer, frame: number, plain: Uint8Array): readonly [Buffer, Buffer] => {
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(frame))
  const ciphertext = cipher.update(plain)
  cipher.final()
  return [ciphertext, cipher.getAuthTag()]
}

/** Throws when the frame was changed on disk. */
export const openFrame = (key: Buffer, frame: number, sealed: Buffer): Buffer => {
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(frame)).setAuthTag(sealed.subarray(-TAG_BYTES))
  const plain = decipher.update(sealed.subarray(0, -TAG_BYTES))
  decipher.final()
  return plain
}
