import { linkOptions } from '@tanstack/react-router'
import type { AuditSearch } from './audit/audit-search.ts'

/** Every address of the app. What may hold any character (prefixes) is in the query, where nothing rewrites it. */
export const PATHS = {
  root: '/',
  signIn: '/sign-in',
  files: '/files',
  buckets: '/buckets',
  bucket: '/buckets/$bucket',
  activity: '/activity',
  audit: '/audit',
} as const

/** @param next where to go after it */
export const toSignIn = (next: string | undefined) =>
  linkOptions({ to: PATHS.signIn, search: next === undefined || next === PATHS.files ? {} : { next } })

/** @param folder below the caller's home; '' or ending in '/' */
export const toFiles = (folder = '') => linkOptions({ to: PATHS.files, search: folder === '' ? {} : { folder } })

export const toBuckets = () => linkOptions({ to: PATHS.buckets })

/** @param prefix '' or ending in '/' */
export const toBucket = (bucket: string, prefix: string) =>
  linkOptions({ to: PATHS.bucket, params: { bucket }, search: prefix === '' ? {} : { prefix } })

export const toActivity = () => linkOptions({ to: PATHS.activity })

export const toAudit = (search: AuditSearch = {}) => linkOptions({ to: PATHS.audit, search })

/**
 * A `next` is followed only within this app: anything else could send a person who just signed in to a stranger's page.
 */
export function safeNext(next: unknown): string | undefined {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : undefined
}
