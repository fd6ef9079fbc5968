import { recorded, type Route } from '../route.ts'
import {
  Completed,
  Completion,
  Confirmation,
  Confirmed,
  NewUpload,
  PartsRequest,
  PostForm,
  PostRequest,
  PresignBatch,
  PresignBatchResult,
  SignedParts,
  Upload,
  UploadedParts,
  UploadQuery,
} from './schemas.ts'

const vended = [
  'invalid-request',
  'invalid-key',
  'forbidden',
  'bucket-missing',
  'quota-exceeded',
  'length-required',
  'store-unavailable',
  'store-refused',
  'too-many-requests',
  ...recorded,
] as const

const ofUpload = [...vended, 'upload-missing'] as const

/** 1,000 requests with keys of 1,024 bytes fit, and 10,000 parts with their ETags. */
const LARGE_BODY = 2 * 1024 * 1024

export const UPLOADS_ROUTES = {
  presignedUrls: {
    area: 's3',
    audience: 'guest',
    tokens: true,
    summary: 'Create up to 1,000 presigned URLs with one audit commit',
    body: PresignBatch,
    bodyLimit: LARGE_BODY,
    success: { status: 200, body: PresignBatchResult },
    problems: vended,
  },
  presignedPost: {
    area: 's3',
    audience: 'guest',
    tokens: true,
    summary: 'Create a form that uploads one object with a limited size',
    body: PostRequest,
    success: { status: 200, body: PostForm },
    problems: vended,
  },
  createUpload: {
    area: 's3',
    audience: 'user',
    tokens: true,
    summary: 'Start a multipart upload',
    body: NewUpload,
    success: { status: 200, body: Upload },
    problems: vended,
  },
  signParts: {
    area: 's3',
    audience: 'user',
    tokens: true,
    summary: 'Create presigned URLs for parts of a multipart upload',
    body: PartsRequest,
    success: { status: 200, body: SignedParts },
    problems: ofUpload,
  },
  uploadedParts: {
    area: 's3',
    audience: 'user',
    tokens: true,
    summary: 'List the parts of a multipart upload that the store has',
    query: UploadQuery,
    success: { status: 200, body: UploadedParts },
    problems: ofUpload,
  },
  completeUpload: {
    area: 's3',
    audience: 'user',
    tokens: true,
    summary: 'Complete a multipart upload',
    body: Completion,
    bodyLimit: LARGE_BODY,
    success: { status: 200, body: Completed },
    problems: [...ofUpload, 'precondition-failed'],
  },
  confirmUpload: {
    area: 's3',
    audience: 'user',
    tokens: true,
    summary: 'Check at the store that an upload has arrived, and record it',
    body: Confirmation,
    success: { status: 200, body: Confirmed },
    problems: [...vended, 'not-found', 'precondition-failed'],
  },
  abortUpload: {
    area: 's3',
    audience: 'user',
    tokens: true,
    summary: 'Abort a multipart upload and delete its parts',
    query: UploadQuery,
    success: { status: 204 },
    problems: ofUpload,
  },
} as const satisfies Record<string, Route>
