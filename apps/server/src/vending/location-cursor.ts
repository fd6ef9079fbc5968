import { AppError } from '../errors/app-error.ts'

/** Where a page of locations ended: store, bucket, prefix. */
export type LocationCursor = readonly [store: string, bucket: string, prefix: string]

export function writeCursor(at: { readonly store: string; readonly bucket: string; readonly prefix: string }): string {
  return Buffer.from(JSON.stringify([at.store, at.bucket, at.prefix])).toString('base64url')
}

/** @throws AppError `invalid-cursor` */
export function readCursor(text: string): LocationCursor {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    if (Array.isArray(parts) && parts.length === 3 && parts.every((part) => typeof part === 'string')) {
      return parts as unknown as LocationCursor
    }
  } catch {
    // Not one of ours, like the rest.
  }
  throw new AppError('invalid-cursor')
}
