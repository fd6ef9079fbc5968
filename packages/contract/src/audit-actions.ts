/**
 * Everything that the audit log tells of: the name of each action, its label for people, and the kind of detail that its
 * events carry. The server's writer, the API's filter and the web app all read this one list.
 */
export const AUDIT_ACTIONS = {
  'object.get': { label: 'Download a file', detail: 'object' },
  'object.put': { label: 'Upload a file', detail: 'object' },
  'object.head': { label: 'Look up a file', detail: 'object' },
  'object.delete': { label: 'Delete a file', detail: 'object' },
  'object.thumbnail': { label: 'Look at a thumbnail', detail: 'object' },
  'object.list': { label: 'List a folder', detail: 'object' },
  'object.search': { label: 'Search files', detail: 'search' },
  'object.describe': { label: 'Look at the metadata of a file', detail: 'object' },
  'object.tag': { label: 'Change the tags of a file', detail: 'object' },
  'object.star': { label: 'Star a file', detail: 'object' },
  'object.list-versions': { label: 'List the versions of a file', detail: 'object' },
  'object.list-deletions': { label: 'List deleted files', detail: 'object' },
  'object.restore': { label: 'Restore a file', detail: 'object' },
  'object.copy': { label: 'Copy a file', detail: 'object' },
  'object.move': { label: 'Move a file', detail: 'object' },
  'delivery.create-cookies': { label: 'Create cookies for delivery', detail: 'object' },
  'object.change-class': { label: 'Change the storage class of a file', detail: 'object' },
  'object.create-folder': { label: 'Create a folder', detail: 'object' },

  'file.create': { label: 'Create a record of a file', detail: 'file' },
  'file.read': { label: 'Read a record of a file', detail: 'file' },
  'file.update': { label: 'Change a record of a file', detail: 'file' },
  'file.delete': { label: 'Delete a file and its record', detail: 'file' },

  'share.create': { label: 'Create a link', detail: 'share' },
  'share.revoke': { label: 'Switch off a link', detail: 'share' },
  'share.unlock': { label: 'Enter the password of a link', detail: 'share' },
  'share.switch': { label: 'Switch sharing on or off', detail: 'share' },
  'share.open': { label: 'Open a link', detail: 'object' },
  'share.list': { label: 'List a folder by a link', detail: 'object' },
  'share.use': { label: 'Download by a link', detail: 'object' },
  'share.upload': { label: 'Upload by a link', detail: 'object' },

  'quota.set': { label: 'Set a quota', detail: 'quota' },
  'quota.delete': { label: 'Delete a quota', detail: 'quota' },
  'quota.recount': { label: 'Count what is stored', detail: 'quota' },

  'upload.create': { label: 'Start a multipart upload', detail: 'object' },
  'upload.sign-parts': { label: 'Upload parts of a file', detail: 'object' },
  'upload.list-parts': { label: 'Look up a multipart upload', detail: 'object' },
  'upload.complete': { label: 'Complete a multipart upload', detail: 'object' },
  'upload.confirm': { label: 'Confirm an upload', detail: 'object' },
  'upload.abort': { label: 'Abort a multipart upload', detail: 'object' },

  'credentials.create': { label: 'Create temporary credentials', detail: 'credentials' },

  'home.create': { label: 'Create a home', detail: 'home' },
  'home.retry': { label: 'Retry a home', detail: 'home' },
  'home.delete': { label: 'Delete a home', detail: 'home' },

  'bucket.create': { label: 'Create a bucket', detail: 'bucket' },
  'bucket.register': { label: 'Register a bucket', detail: 'bucket' },
  'bucket.update': { label: 'Change a bucket', detail: 'bucket' },
  'bucket.delete': { label: 'Delete a bucket', detail: 'bucket' },

  'auth.login': { label: 'Sign in', detail: 'session' },
  'auth.refresh': { label: 'Renew a session', detail: 'session' },
  'auth.logout': { label: 'Sign out', detail: 'session' },
  'auth.change-password': { label: 'Change a password', detail: 'session' },
  'auth.delete-account': { label: 'Delete the own account', detail: 'user' },
  'auth.sign-up': { label: 'Sign up', detail: 'user' },
  'auth.confirm': { label: 'Confirm an e-mail address', detail: 'user' },
  'auth.resend-code': { label: 'Ask for another code', detail: 'user' },
  'auth.forgot-password': { label: 'Ask for a new password', detail: 'user' },
  'auth.reset-password': { label: 'Reset a password', detail: 'session' },
  'auth.allow-device': { label: 'Sign in a device', detail: 'device' },
  'auth.refuse-device': { label: 'Refuse to sign in a device', detail: 'device' },
  'auth.end-session': { label: 'End a session', detail: 'session' },

  'identity.link': { label: 'Link an identity', detail: 'identity' },
  'identity.unlink': { label: 'Unlink an identity', detail: 'identity' },

  'token.create': { label: 'Create an access token', detail: 'token' },
  'token.delete': { label: 'Delete an access token', detail: 'token' },
  'token.use': { label: 'Use an access token', detail: 'token' },

  'auth.challenge': { label: 'Ask for a second factor', detail: 'session' },

  'factor.create': { label: 'Set up a second factor', detail: 'factor' },
  'factor.update': { label: 'Rename a second factor', detail: 'factor' },
  'factor.delete': { label: 'Delete a second factor', detail: 'factor' },
  'factor.reset': { label: "Reset a user's second factors", detail: 'factor' },

  'client.create': { label: 'Create a machine', detail: 'client' },
  'client.create-secret': { label: 'Create a secret of a machine', detail: 'client' },
  'client.delete-secret': { label: 'Delete a secret of a machine', detail: 'client' },

  'user.create': { label: 'Create a user', detail: 'user' },
  'user.invite': { label: 'Invite a user', detail: 'user' },
  'user.update': { label: 'Change a user', detail: 'user' },
  'user.suspend': { label: 'Suspend a user', detail: 'user' },
  'user.delete': { label: 'Delete a user', detail: 'user' },
  'user.reset-password': { label: "Reset a user's password", detail: 'user' },
  'user.end-sessions': { label: "End a user's sessions", detail: 'user' },

  'group.create': { label: 'Create a group', detail: 'group' },
  'group.update': { label: 'Change a group', detail: 'group' },
  'group.delete': { label: 'Delete a group', detail: 'group' },
  'group.add-member': { label: 'Add a member to a group', detail: 'group' },
  'group.delete-member': { label: 'Delete a member from a group', detail: 'group' },

  'directory.create': { label: 'Create a directory', detail: 'directory' },
  'directory.update': { label: 'Change a directory', detail: 'directory' },
  'directory.delete': { label: 'Delete a directory', detail: 'directory' },
  'directory.create-token': { label: "Create a directory's token", detail: 'directory' },
  'directory.delete-token': { label: "Delete a directory's token", detail: 'directory' },
  'directory.request': { label: 'Use SCIM', detail: 'directory' },

  'issuer.create': { label: 'Add an issuer', detail: 'issuer' },
  'issuer.update': { label: 'Change an issuer', detail: 'issuer' },
  'issuer.delete': { label: 'Delete an issuer', detail: 'issuer' },
  'issuer.test': { label: 'Test an issuer', detail: 'issuer' },

  'permission.create': { label: 'Create a permission', detail: 'permission' },
  'permission.update': { label: 'Change a permission', detail: 'permission' },
  'permission.delete': { label: 'Delete a permission', detail: 'permission' },
  'permission.import': { label: 'Import permissions', detail: 'permissions' },
  'permission.export': { label: 'Export permissions', detail: 'permissions' },

  'mail.read': { label: 'Read the outbox', detail: 'mail' },
  'mail.test': { label: 'Send a test mail', detail: 'mail' },

  'doctor.run': { label: 'Run the doctor', detail: 'request' },

  'job.create': { label: 'Start a job', detail: 'job' },
  'job.cancel': { label: 'Cancel a job', detail: 'job' },
  'job.retry': { label: 'Retry a job', detail: 'job' },

  'audit.read': { label: 'Read the audit log', detail: 'audit' },
  'audit.export': { label: 'Export the audit log', detail: 'audit' },
  'audit.expire': { label: 'Delete expired audit events', detail: 'retention' },

  'admin.request': { label: 'Use an administrative function', detail: 'request' },
  'request.throttle': { label: 'Send too many requests', detail: 'request' },
} as const satisfies Record<string, { readonly label: string; readonly detail: AuditDetailKind }>

export type AuditAction = keyof typeof AUDIT_ACTIONS

export const AUDIT_ACTION_NAMES = Object.keys(AUDIT_ACTIONS) as AuditAction[]

export function isAuditAction(text: string): text is AuditAction {
  return Object.hasOwn(AUDIT_ACTIONS, text)
}

/** Who a permission is given to, as the log keeps it. */
export type AuditPrincipal =
  | { readonly kind: 'user'; readonly userId: string }
  | { readonly kind: 'group'; readonly group: string; readonly issuer?: string | null }
  | { readonly kind: 'everyone' }
  | { readonly kind: 'guest' }

/** A permission as it stood: who had what, where, until when. */
export interface PermissionState {
  readonly permissionId: string
  readonly principal: AuditPrincipal
  readonly store: string
  readonly bucket: string
  readonly prefix: string
  readonly actions: readonly string[]
  /** ISO 8601; null for a permission without an end. */
  readonly expiresAt: string | null
}

/** What the events of an action say beyond who, where and the outcome. Times are ISO 8601. */
export interface AuditDetails {
  /** `permissionId`: what allowed it. `expiresAt`: the end of what was given out. */
  readonly object: {
    readonly permissionId?: string
    readonly expiresAt?: string
    /** What was asked beyond the operation, such as the size and type that an upload must have. */
    readonly contentType?: string
    readonly contentLength?: number
    readonly checksumSha256?: string
    /** The most bytes that a form may upload. */
    readonly maxSize?: number
    readonly storageClass?: string
    readonly partNumbers?: readonly number[]
    readonly versionId?: string
    /** Of a copy or a move: its source. */
    readonly from?: { readonly bucket: string; readonly key: string }
    /** Of the deletion that ends a move: where the object is now. */
    readonly to?: { readonly bucket: string; readonly key: string }
    /** All tags that it got. */
    readonly tags?: readonly { readonly key: string; readonly value: string }[]
    /** The job that did it. */
    readonly jobId?: string
    /** `cdn`: it is read through the bucket's content delivery network. */
    readonly via?: 'cdn'
  }
  /** The event's key is the prefix. `accessKeyId` and the request's id lead to the uses in the store's own access log. */
  readonly credentials: {
    readonly actions: readonly string[]
    readonly permissionIds?: readonly string[]
    readonly expiresAt?: string
    readonly accessKeyId?: string
  }
  readonly permission:
    | (PermissionState & { /** The permission before the change. */ readonly before?: PermissionState })
    /** There was no such permission. */
    | { readonly permissionId: string; readonly principal?: undefined }
  /** Of many permissions at once; each that was created has an event of its own, with the same request id. */
  readonly permissions: {
    readonly created?: number
    readonly unchanged?: number
    readonly filter?: Readonly<Record<string, string>>
  }
  readonly home: { readonly layout?: string; readonly step?: string; readonly choice?: string; readonly jobId?: string }
  readonly bucket: {
    readonly region?: string
    readonly changed?: Readonly<Record<string, unknown>>
    readonly before?: Readonly<Record<string, unknown>>
    readonly jobId?: string
  }
  readonly session: {
    readonly sessionId?: string
    /** Of a machine that got a token. */
    readonly secretId?: string
    readonly issuer?: string
    readonly method?: string
    /** Older sessions that a sign-in ended, since a user has only so many. */
    readonly endedSessionIds?: readonly string[]
    /** The user had deleted the account, and keeps it by signing in. */
    readonly keptAccount?: boolean
  }
  /** `subject`: unknown where the issuer did not get that far. */
  readonly identity: { readonly issuer: string; readonly subject?: string }
  readonly client: { readonly secretId: string; readonly name?: string }
  /** What the program said of itself, and where it asked from. */
  readonly device: { readonly client: string; readonly network: string; readonly program?: string }
  /** `method` and `path`: what the token was refused for. */
  readonly token: {
    readonly tokenId: string
    readonly name?: string
    readonly scopes?: readonly {
      readonly store: string
      readonly bucket: string | null
      readonly prefix: string
      readonly actions: readonly string[]
    }[]
    readonly admin?: boolean
    readonly expiresAt?: string
    readonly method?: string
    readonly path?: string
  }
  readonly factor: {
    readonly kind?: 'totp' | 'passkey' | 'recovery-codes'
    /** Of a passkey. */
    readonly name?: string
    /** Of all that a reset deleted. */
    readonly kinds?: readonly string[]
  }
  readonly user: {
    /** The issuer that vouched for the user's first sign-in. */
    readonly issuer?: string
    readonly email?: string | null
    /** The fields that changed, after and before. */
    readonly changed?: Readonly<Record<string, unknown>>
    readonly before?: Readonly<Record<string, unknown>>
    readonly jobId?: string
    /** The directory that did it. */
    readonly directoryId?: string
  }
  readonly group: {
    readonly groupId: string
    readonly name: string
    readonly directoryId?: string
    readonly changed?: Readonly<Record<string, unknown>>
    readonly before?: Readonly<Record<string, unknown>>
    readonly memberIds?: readonly string[]
  }
  /** Never a client's secret, nor a token that was tested. */
  readonly issuer: {
    readonly issuerId?: string
    readonly issuer: string
    readonly changed?: Readonly<Record<string, unknown>>
    readonly before?: Readonly<Record<string, unknown>>
  }
  readonly directory: {
    readonly directoryId?: string
    readonly name?: string
    readonly issuer?: string | null
    readonly changed?: Readonly<Record<string, unknown>>
    readonly before?: Readonly<Record<string, unknown>>
    /** Users and groups that a deleted directory had. */
    readonly users?: number
    readonly groups?: number
  }
  /** `mailIds`: whose text was read. `to`: where a test went. */
  readonly mail: { readonly mailIds?: readonly string[]; readonly to?: string }
  /** The event's bucket and key are where was searched; null for everywhere. */
  readonly search: { readonly query: string; readonly results: number }
  readonly file: { readonly fileId: string; readonly filename: string }
  /** `id`: of a user or a group, the name of a bucket, or `everyone`. */
  readonly quota: {
    readonly kind: string
    readonly id: string
    readonly maxBytes?: number | null
    readonly maxObjects?: number | null
  }
  readonly share: {
    readonly shareId?: string
    readonly kind?: string
    readonly expiresAt?: string | null
    /** Downloads or uploads at most. */
    readonly maxUses?: number | null
    readonly hasPassword?: boolean
    /** Of the switch for all links. */
    readonly enabled?: boolean
  }
  readonly job: { readonly jobId: string; readonly kind: string }
  /** Which part of the log was read. */
  readonly audit: {
    readonly view: 'logs' | 'stats' | 'user-stats' | 'export'
    readonly filter: Readonly<Record<string, string>>
    readonly format?: 'csv' | 'jsonl'
  }
  /** Events before this time are gone. */
  readonly retention: { readonly before: string; readonly months: readonly string[]; readonly events: number }
  readonly request: { readonly method?: string; readonly path?: string; readonly limit?: string }
}

export type AuditDetailKind = keyof AuditDetails

/** The detail of one action's events. */
export type AuditDetail<A extends AuditAction> = AuditDetails[(typeof AUDIT_ACTIONS)[A]['detail']]

/** The actions whose events carry one kind of detail. */
export type AuditActionOf<K extends AuditDetailKind> = {
  [A in AuditAction]: (typeof AUDIT_ACTIONS)[A]['detail'] extends K ? A : never
}[AuditAction]

/** The ways into SkyCrate that a request can take. `process`: SkyCrate itself. */
export const DOORS = [
  'rest',
  'sts',
  'cognito-identity',
  'cognito-idp',
  'access-grants',
  'container-credentials',
  'scim',
  'process',
] as const
export type Door = (typeof DOORS)[number]

export const OUTCOMES = ['allow', 'deny', 'error'] as const
