/**
 * The first part of every query's key, so that a change can invalidate all that shows it:
 * `queries.invalidateQueries({ queryKey: [KEYS.users] })`.
 */
export const KEYS = {
  me: 'me',
  sessions: 'sessions',
  identities: 'identities',
  tokens: 'tokens',
  shares: 'shares',
  machines: 'machines',
  factors: 'factors',
  home: 'home',
  locations: 'locations',
  listing: 'listing',
  versions: 'versions',
  preview: 'preview',
  activity: 'activity',
  users: 'users',
  groups: 'groups',
  permissions: 'permissions',
  permissionPreviews: 'permission-previews',
  buckets: 'buckets',
  homes: 'homes',
  audit: 'audit',
  jobs: 'jobs',
  mail: 'mail',
  issuers: 'issuers',
  signInIssuers: 'sign-in-issuers',
  directories: 'directories',
  signUp: 'sign-up',
  doctor: 'doctor',
  storage: 'storage',
} as const
