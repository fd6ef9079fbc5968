import { linkOptions } from '@tanstack/react-router'
import type { AuditSearch } from './admin/audit/audit-search.ts'
import type { HomeSearch } from './admin/homes/home-search.ts'

/** Every address of the app. What may hold any character (prefixes) is in the query, where nothing rewrites it. */
export const PATHS = {
  root: '/',
  signIn: '/sign-in',
  files: '/files',
  locations: '/locations',
  location: '/locations/$bucket',
  activity: '/activity',
  buckets: '/admin/buckets',
  bucket: '/admin/buckets/$store/$name',
  homes: '/admin/homes',
  audit: '/admin/audit',
} as const

/** What a link, a redirect and `navigate` take. */
export type PageLink = { readonly to: '/' }

/**
 * A link to a page of `app/pages.ts`. The router's types know the pages that are written into it only, so the link says
 * it goes to `/`.
 *
 * @param path one of the pages' paths, with its `$parameters`
 */
export function toPage(
  path: string,
  at: { readonly params?: Readonly<Record<string, string>>; readonly search?: object } = {},
): PageLink {
  return { to: path, params: at.params ?? {}, search: at.search ?? {} } as unknown as PageLink
}

/** @param next where to go after it */
export const toSignIn = (next: string | undefined) =>
  linkOptions({ to: PATHS.signIn, search: next === undefined || next === PATHS.files ? {} : { next } })

/** @param folder below the caller's home; '' or ending in '/' */
export const toFiles = (folder = '') => toPage(PATHS.files, { search: folder === '' ? {} : { folder } })

export const toLocations = () => toPage(PATHS.locations)

/** @param prefix '' or ending in '/' */
export const toLocation = (bucket: string, prefix: string) =>
  toPage(PATHS.location, { params: { bucket }, search: prefix === '' ? {} : { prefix } })

export const toActivity = () => toPage(PATHS.activity)

export const toBuckets = () => toPage(PATHS.buckets)

export const toBucket = (store: string, name: string) => toPage(PATHS.bucket, { params: { store, name } })

export const toHomes = (search: HomeSearch = {}) => toPage(PATHS.homes, { search })

export const toAudit = (search: AuditSearch = {}) => toPage(PATHS.audit, { search })

/**
 * A `next` is followed only within this app: anything else could send a person who just signed in to a stranger's page.
 */
export function safeNext(next: unknown): string | undefined {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : undefined
}
