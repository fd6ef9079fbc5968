import { recorded, type Route } from '../route.ts'
import { IdParams } from '../schemas.ts'
import { CreatedDirectory, Directories, Directory, DirectoryChange, NewDirectory } from './schemas.ts'

export const DIRECTORIES_ROUTES = {
  listDirectories: {
    area: 'directories',
    audience: 'admin',
    summary: 'The directories that provision users by SCIM',
    success: { status: 200, body: Directories },
    problems: ['forbidden', ...recorded],
  },
  createDirectory: {
    area: 'directories',
    audience: 'admin',
    summary: 'Create a directory, and its token',
    body: NewDirectory,
    success: { status: 201, body: CreatedDirectory },
    problems: ['invalid-request', 'forbidden', 'conflict', ...recorded],
  },
  directory: {
    area: 'directories',
    audience: 'admin',
    summary: 'A directory',
    params: IdParams,
    versioned: true,
    success: { status: 200, body: Directory },
    problems: ['invalid-request', 'forbidden', 'not-found', ...recorded],
  },
  updateDirectory: {
    area: 'directories',
    audience: 'admin',
    summary: 'Rename a directory',
    params: IdParams,
    body: DirectoryChange,
    versioned: true,
    success: { status: 200, body: Directory },
    problems: ['invalid-request', 'forbidden', 'not-found', 'conflict', 'precondition-failed', ...recorded],
  },
  deleteDirectory: {
    area: 'directories',
    audience: 'admin',
    summary: 'Delete a directory. Its users stay; they leave its groups',
    params: IdParams,
    versioned: true,
    success: { status: 204 },
    problems: ['invalid-request', 'forbidden', 'not-found', 'precondition-failed', ...recorded],
  },
  createDirectoryToken: {
    area: 'directories',
    audience: 'admin',
    summary: 'Create a new token; the one before is refused from now on',
    params: IdParams,
    success: { status: 201, body: CreatedDirectory },
    problems: ['invalid-request', 'forbidden', 'not-found', ...recorded],
  },
  deleteDirectoryToken: {
    area: 'directories',
    audience: 'admin',
    summary: "Delete a directory's token: its requests are refused from now on",
    params: IdParams,
    success: { status: 204 },
    problems: ['invalid-request', 'forbidden', 'not-found', ...recorded],
  },
} as const satisfies Record<string, Route>
