import { Job } from '../jobs/schemas.ts'
import { recorded, type Route } from '../route.ts'
import { Deletion, DeletionRequest, Folder, FolderRequest, RestoreDeletedRequest, TransferRequest } from './schemas.ts'

const asked = ['invalid-request', 'invalid-key', 'forbidden', 'bucket-missing', ...recorded] as const
const atStore = [...asked, 'store-unavailable', 'store-refused'] as const

/** 1,000 keys of 1,024 bytes fit, however they are escaped. */
const LARGE_BODY = 4 * 1024 * 1024

export const OPERATIONS_ROUTES = {
  createFolder: {
    area: 's3',
    audience: 'user',
    summary: 'Create an empty folder; requires write',
    body: FolderRequest,
    success: { status: 201, body: Folder },
    problems: [...atStore, 'conflict', 'quota-exceeded'],
  },
  copyObjects: {
    area: 's3',
    audience: 'user',
    summary: 'Copy objects and folders in a job; requires read and list at the source, write at the target',
    body: TransferRequest,
    bodyLimit: LARGE_BODY,
    success: { status: 202, body: Job },
    problems: [...atStore, 'precondition-failed'],
  },
  moveObjects: {
    area: 's3',
    audience: 'user',
    summary: 'Move or rename objects and folders in a job; requires also delete at the source',
    body: TransferRequest,
    bodyLimit: LARGE_BODY,
    success: { status: 202, body: Job },
    problems: [...atStore, 'precondition-failed'],
  },
  deleteObjects: {
    area: 's3',
    audience: 'user',
    summary: 'Delete objects and folders: at once up to 1,000 objects, beyond that in a job; requires delete and list',
    body: DeletionRequest,
    bodyLimit: LARGE_BODY,
    success: { status: 200, body: Deletion },
    problems: atStore,
  },
  restoreDeleted: {
    area: 's3',
    audience: 'user',
    summary: 'Restore deleted objects and folders in a job; requires write',
    body: RestoreDeletedRequest,
    bodyLimit: LARGE_BODY,
    success: { status: 202, body: Job },
    problems: asked,
  },
} as const satisfies Record<string, Route>
