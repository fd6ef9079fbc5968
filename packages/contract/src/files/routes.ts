import { recorded, type Route } from '../route.ts'
import { IdParams } from '../schemas.ts'
import { FileChange, FileRecord, FileRecords, FilesQuery, ImageRecords, NewFile } from './schemas.ts'

const creating = [
  'invalid-request',
  'invalid-key',
  'forbidden',
  'bucket-missing',
  'not-found',
  'conflict',
  ...recorded,
  'store-unavailable',
  'store-refused',
] as const
const ofOne = ['invalid-request', 'not-found', 'forbidden', ...recorded] as const
const deleting = [...ofOne, 'bucket-missing', 'store-unavailable', 'store-refused'] as const

export const FILES_ROUTES = {
  createFile: {
    area: 'files',
    audience: 'user',
    idTokens: true,
    summary: 'Keep a record of an uploaded object; requires write',
    body: NewFile,
    success: { status: 201, statusIfKnown: 200, body: FileRecord },
    problems: creating,
  },
  listFiles: {
    area: 'files',
    audience: 'user',
    idTokens: true,
    summary: "The caller's records, newest first",
    query: FilesQuery,
    success: { status: 200, body: FileRecords },
    problems: ['invalid-request', 'invalid-cursor', ...recorded],
  },
  file: {
    area: 'files',
    audience: 'user',
    idTokens: true,
    summary: 'A record of the caller',
    params: IdParams,
    success: { status: 200, body: FileRecord },
    problems: ofOne,
  },
  updateFile: {
    area: 'files',
    audience: 'user',
    idTokens: true,
    summary: 'Change the name or the metadata of a record',
    params: IdParams,
    body: FileChange,
    success: { status: 200, body: FileRecord },
    problems: ofOne,
  },
  deleteFile: {
    area: 'files',
    audience: 'user',
    idTokens: true,
    summary: 'Delete the object and its record; requires delete',
    params: IdParams,
    success: { status: 204 },
    problems: deleting,
  },
  createImage: {
    area: 'files',
    audience: 'user',
    idTokens: true,
    summary: 'Keep a record of an uploaded image; requires write',
    body: NewFile,
    success: { status: 201, statusIfKnown: 200, body: FileRecord },
    problems: creating,
  },
  listImages: {
    area: 'files',
    audience: 'user',
    idTokens: true,
    summary: "The caller's records of images, newest first",
    query: FilesQuery,
    success: { status: 200, body: ImageRecords },
    problems: ['invalid-request', 'invalid-cursor', ...recorded],
  },
  deleteImage: {
    area: 'files',
    audience: 'user',
    idTokens: true,
    summary: 'Delete the image and its record; requires delete',
    params: IdParams,
    success: { status: 204 },
    problems: deleting,
  },
} as const satisfies Record<string, Route>
