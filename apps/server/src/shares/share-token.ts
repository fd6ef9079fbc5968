import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { ShareId } from '@skycrate/core/naming/id'

/** Opaque, 256 bits; only its hash is stored. */
export type ShareToken = `skys_${string}`

const SHAPE = /^skys_[\w-]{43}$/

/** Undefined for what cannot be one, so that junk costs no query. */
export function parseShareToken(text: string): ShareToken | undefined {
  return SHAPE.test(text) ? (text as ShareToken) : undefined
}

export function newShareToken(): ShareToken {
  return `skys_${randomBytes(32).toString('base64url')}`
}

export function hashShareToken(token: ShareToken): Buffer {
  return createHash('sha256').update(token).digest()
}

/** Milliseconds for which a password that was entered counts. */
const PASS_LIVES_MS = 3_600_000

/** What stands for a password that was entered: of one link, and of one password of it. */
export interface SharePasses {
  write(id: ShareId, passwordHash: string, now: number): string
  isValid(pass: string, id: ShareId, passwordHash: string, now: number): boolean
}

export function createSharePasses(secret: string): SharePasses {
  const mac = (id: ShareId, passwordHash: string, endsAt: number): Buffer =>
    createHmac('sha256', secret)
      .update(JSON.stringify(['share-pass', id, passwordHash, endsAt]))
      .digest()
  return {
    write(id, passwordHash, now) {
      const endsAt = now + PASS_LIVES_MS
      return `${endsAt}.${mac(id, passwordHash, endsAt).toString('base64url')}`
    },
    isValid(pass, id, passwordHash, now) {
      const [, end = '', given = ''] = /^(\d{1,15})\.([\w-]{43})$/.exec(pass) ?? []
      const endsAt = Number(end)
      const claimed = Buffer.from(given, 'base64url')
      const expected = mac(id, passwordHash, endsAt)
      return claimed.length === expected.length && timingSafeEqual(claimed, expected) && endsAt > now
    },
  }
}
