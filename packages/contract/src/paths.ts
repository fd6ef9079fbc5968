/** Every path of the API begins with it. */
export const API_BASE = '/api/v1'

/**
 * Method and path of every operation, below `API_BASE`, in Fastify's notation: `:name`, and `*` for the rest of the path.
 * Here is no schema, so that browsers load none.
 */
export const PATHS = {
  login: 'POST /auth/login',
  refresh: 'POST /auth/refresh',
  logout: 'POST /auth/logout',
  issuers: 'GET /auth/issuers',
  startSignIn: 'GET /auth/issuers/:id/start',
  finishSignIn: 'GET /auth/callback',
  signOut: 'POST /auth/sign-out',
  backChannelLogout: 'POST /auth/back-channel-logout',
  changePassword: 'POST /auth/change-password',
  me: 'GET /auth/me',
  updateMe: 'PUT /auth/me',
  signUpOptions: 'GET /auth/signup',
  signUp: 'POST /auth/signup',
  confirmSignUp: 'POST /auth/confirm',
  resendCode: 'POST /auth/resend-code',
  forgotPassword: 'POST /auth/forgot-password',
  deleteAccount: 'POST /auth/delete-account',
  acceptInvitation: 'POST /auth/accept-invitation',
  resetPassword: 'POST /auth/reset-password',

  listSessions: 'GET /auth/sessions',
  endOtherSessions: 'DELETE /auth/sessions',
  endSession: 'DELETE /auth/sessions/:id',

  listIdentities: 'GET /auth/identities',
  startLink: 'POST /auth/identities',
  unlinkIdentity: 'DELETE /auth/identities',

  startDevice: 'POST /auth/device',
  deviceToken: 'POST /auth/device/token',
  waitingDevice: 'POST /auth/device/waiting',
  decideDevice: 'POST /auth/device/decision',

  clientToken: 'POST /auth/token',
  listClients: 'GET /clients',
  createClient: 'POST /clients',
  createClientSecret: 'POST /clients/:id/secrets',
  deleteClientSecret: 'DELETE /clients/:id/secrets/:secretId',

  listTokens: 'GET /auth/tokens',
  createToken: 'POST /auth/tokens',
  deleteToken: 'DELETE /auth/tokens/:id',
  listUserTokens: 'GET /users/:id/tokens',
  deleteUserToken: 'DELETE /users/:id/tokens/:tokenId',

  challenge: 'POST /auth/challenge',
  passkeyChallenge: 'POST /auth/passkey-challenge',
  freshChallenge: 'POST /auth/fresh-challenge',
  factors: 'GET /auth/factors',
  startTotp: 'POST /auth/factors/totp',
  confirmTotp: 'PUT /auth/factors/totp',
  deleteTotp: 'DELETE /auth/factors/totp',
  createRecoveryCodes: 'POST /auth/factors/recovery-codes',
  startPasskey: 'POST /auth/factors/passkeys',
  createPasskey: 'PUT /auth/factors/passkeys',
  renamePasskey: 'PUT /auth/factors/passkeys/:id',
  deletePasskey: 'DELETE /auth/factors/passkeys/:id',

  listUsers: 'GET /users',
  createUser: 'POST /users',
  importUsers: 'POST /users/import',
  user: 'GET /users/:id',
  updateUser: 'PUT /users/:id',
  deleteUser: 'DELETE /users/:id',
  endUserSessions: 'DELETE /users/:id/sessions',
  resetUserPassword: 'POST /users/:id/reset-password',
  resetUserFactors: 'DELETE /users/:id/factors',

  listGroups: 'GET /groups',
  createGroup: 'POST /groups',
  group: 'GET /groups/:id',
  updateGroup: 'PUT /groups/:id',
  deleteGroup: 'DELETE /groups/:id',
  groupMembers: 'GET /groups/:id/members',
  addGroupMember: 'PUT /groups/:id/members/:userId',
  deleteGroupMember: 'DELETE /groups/:id/members/:userId',

  listDirectories: 'GET /directories',
  createDirectory: 'POST /directories',
  directory: 'GET /directories/:id',
  updateDirectory: 'PUT /directories/:id',
  deleteDirectory: 'DELETE /directories/:id',
  createDirectoryToken: 'POST /directories/:id/token',
  deleteDirectoryToken: 'DELETE /directories/:id/token',

  listIssuers: 'GET /issuers',
  createIssuer: 'POST /issuers',
  testIssuer: 'POST /issuers/test',
  issuer: 'GET /issuers/:id',
  updateIssuer: 'PUT /issuers/:id',
  deleteIssuer: 'DELETE /issuers/:id',

  home: 'GET /home',
  listHomes: 'GET /homes',
  retryHome: 'POST /homes/:userId/retry',
  deleteHome: 'DELETE /homes/:userId',

  listBuckets: 'GET /buckets',
  addBucket: 'POST /buckets',
  checkBucket: 'POST /buckets/check',
  bucket: 'GET /buckets/:store/:name',
  changeBucket: 'PUT /buckets/:store/:name',
  countBucket: 'POST /buckets/:store/:name/count',
  deleteBucket: 'DELETE /buckets/:store/:name',

  presignedUrl: 'POST /s3/presigned-url',
  presignedUrls: 'POST /s3/presigned-urls',
  presignedPost: 'POST /s3/presigned-post',
  createUpload: 'POST /s3/multipart',
  uploadedParts: 'GET /s3/multipart',
  abortUpload: 'DELETE /s3/multipart',
  signParts: 'POST /s3/multipart/parts',
  completeUpload: 'POST /s3/multipart/complete',
  buckets: 'GET /s3/buckets',
  listObjects: 'GET /s3/list/:bucket',
  deleteObject: 'DELETE /s3/object/:bucket/*',
  listVersions: 'GET /s3/versions/:bucket/*',
  restoreObject: 'POST /s3/restore',
  listDeletions: 'GET /s3/deletions/:bucket',
  restoreDeleted: 'POST /s3/restore-deleted',
  thumbnails: 'POST /s3/thumbnails',
  search: 'GET /s3/search',
  createFolder: 'POST /s3/folder',
  copyObjects: 'POST /s3/copy',
  moveObjects: 'POST /s3/move',
  deleteObjects: 'POST /s3/delete',

  locations: 'GET /locations',
  createCredentials: 'POST /credentials',

  deliveryCookies: 'POST /delivery/cookies',

  listPermissions: 'GET /permissions',
  createPermission: 'POST /permissions',
  myPermissions: 'GET /permissions/my-permissions',
  exportPermissions: 'GET /permissions/export',
  importPermissions: 'POST /permissions/import',
  explain: 'POST /permissions/explain',
  whoCan: 'POST /permissions/who-can',
  previewPermission: 'POST /permissions/preview',
  permission: 'GET /permissions/:id',
  replacePermission: 'PUT /permissions/:id',
  deletePermission: 'DELETE /permissions/:id',

  mail: 'GET /mail',
  mailOutbox: 'GET /mail/outbox',
  testMail: 'POST /mail/test',

  doctor: 'GET /doctor',

  createFile: 'POST /files',
  listFiles: 'GET /files',
  file: 'GET /files/:id',
  updateFile: 'PATCH /files/:id',
  deleteFile: 'DELETE /files/:id',
  createImage: 'POST /images',
  listImages: 'GET /images',
  deleteImage: 'DELETE /images/:id',

  listStarred: 'GET /starred',
  star: 'PUT /starred',
  unstar: 'DELETE /starred',
  listRecent: 'GET /recent',

  listShares: 'GET /shares',
  listAllShares: 'GET /shares/all',
  createShare: 'POST /shares',
  revokeShare: 'DELETE /shares/:id',
  sharing: 'GET /sharing',
  updateSharing: 'PUT /sharing',
  sharedLink: 'GET /shared/:token',
  unlockShare: 'POST /shared/:token/unlock',
  listShared: 'POST /shared/:token/list',
  downloadShared: 'POST /shared/:token/download',
  uploadShared: 'POST /shared/:token/upload',
  storageUsage: 'GET /storage/usage',
  storageStats: 'GET /storage/stats',
  costAnalysis: 'GET /storage/cost-analysis',
  takeInventory: 'POST /storage/inventories',
  storageClasses: 'GET /storage/classes',
  changeClass: 'POST /storage/classes',
  bucketRules: 'GET /storage/rules/:store/:name',
  changeBucketRules: 'PUT /storage/rules/:store/:name',

  myQuotas: 'GET /quotas/mine',
  listQuotas: 'GET /quotas',
  quota: 'GET /quotas/:kind/:id',
  setQuota: 'PUT /quotas/:kind/:id',
  deleteQuota: 'DELETE /quotas/:kind/:id',
  recountQuota: 'POST /quotas/:kind/:id/recount',

  listJobs: 'GET /jobs',
  job: 'GET /jobs/:id',
  cancelJob: 'DELETE /jobs/:id',

  auditLogs: 'GET /audit/logs',
  myActivity: 'GET /audit/my-activity',
  auditStats: 'GET /audit/stats',
  auditUserStats: 'GET /audit/user-stats/:id',
  auditExport: 'GET /audit/export',
} as const satisfies Record<string, `${Method} /${string}`>

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export type RouteName = keyof typeof PATHS

/** Where an operation stands: its method, and its path below `API_BASE`. */
export function placeOf(name: RouteName): { readonly method: Method; readonly path: string } {
  const [method, path] = PATHS[name].split(' ') as [Method, string]
  return { method, path }
}
