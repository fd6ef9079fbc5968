import { linkOptions } from '@tanstack/react-router'
import { parsePagePath } from '@skycrate/contract/page-path'
import { parseSearch } from './app/search-params.ts'
import type { AuditSearch } from './admin/audit/audit-search.ts'
import type { HomeSearch } from './admin/homes/home-search.ts'
import type { PermissionSearch } from './admin/permissions/permission-search.ts'
import type { TrashSearch } from './trash/trash-search.ts'
import type { UserSearch } from './admin/users/user-search.ts'

/** Every address of the app. What may hold any character (prefixes) is in the query, where nothing rewrites it. */
export const PATHS = {
  root: '/',
  signIn: '/sign-in',
  signedIn: '/signed-in',
  dashboard: '/dashboard',
  profile: '/profile',
  device: '/device',
  invitation: '/invitation',
  resetPassword: '/reset-password',
  signUp: '/sign-up',
  forgotPassword: '/forgot-password',
  files: '/files',
  locations: '/locations',
  location: '/locations/$bucket',
  starred: '/starred',
  recent: '/recent',
  activity: '/activity',
  shares: '/shares',
  storage: '/storage',
  allStorage: '/admin/storage',
  allShares: '/admin/shares',
  sharedLink: '/s/$token',
  trash: '/trash',
  users: '/admin/users',
  groups: '/admin/groups',
  machines: '/admin/machines',
  buckets: '/admin/buckets',
  bucket: '/admin/buckets/$store/$name',
  homes: '/admin/homes',
  permissions: '/admin/permissions',
  whoCan: '/admin/permissions/who-can',
  issuers: '/admin/issuers',
  directories: '/admin/directories',
  mail: '/admin/mail',
  audit: '/admin/audit',
  doctor: '/admin/doctor',
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

/** @param next where to go after it, as the router has it */
export const toSignIn = (next: string | undefined) =>
  linkOptions({ to: PATHS.signIn, search: next === undefined || next === PATHS.files ? {} : { next } })

/** @param next as it came in the address: what is not a page of this app leads to the caller's files instead */
export function toNext(next: unknown): PageLink {
  const safe = parsePagePath(next)
  if (safe === undefined || safe === PATHS.root) return toFiles()
  const { pathname, search } = new URL(safe, 'https://app.invalid')
  // By its parts: a whole address would be followed to wherever it leads.
  return toPage(pathname, { search: parseSearch(search) })
}

/**
 * @param folder below the caller's home; '' or ending in '/'
 * @param file of the folder, to be shown at once
 */
export const toFiles = (folder = '', file?: string) =>
  toPage(PATHS.files, { search: { ...(folder !== '' && { folder }), ...(file !== undefined && { file }) } })

export const toSignUp = () => linkOptions({ to: PATHS.signUp })

export const toForgotPassword = () => linkOptions({ to: PATHS.forgotPassword })

export const toLocations = () => toPage(PATHS.locations)

/**
 * @param prefix '' or ending in '/'
 * @param file of the folder, to be shown at once
 */
export const toLocation = (bucket: string, prefix: string, file?: string) =>
  toPage(PATHS.location, {
    params: { bucket },
    search: { ...(prefix !== '' && { prefix }), ...(file !== undefined && { file }) },
  })

export const toTrash = (search: TrashSearch = {}) => toPage(PATHS.trash, { search })

export const toActivity = () => toPage(PATHS.activity)

export const toUsers = (search: UserSearch = {}) => toPage(PATHS.users, { search })

export const toGroups = () => toPage(PATHS.groups)

export const toBuckets = () => toPage(PATHS.buckets)

export const toBucket = (store: string, name: string) => toPage(PATHS.bucket, { params: { store, name } })

export const toHomes = (search: HomeSearch = {}) => toPage(PATHS.homes, { search })
export const toPermissions = (search: PermissionSearch = {}) => toPage(PATHS.permissions, { search })

/** @param place its prefix with variables as it is written: the folder of nobody in particular */
export const toWhoCan = ({ bucket, prefix = '' }: { readonly bucket?: string; readonly prefix?: string } = {}) =>
  toPage(PATHS.whoCan, { search: bucket === undefined ? {} : prefix === '' ? { bucket } : { bucket, prefix } })

export const toAudit = (search: AuditSearch = {}) => toPage(PATHS.audit, { search })
