import type { Operations } from '../../objects/operations.ts'
import type { HandlersOf } from '../route.ts'

export function operationsHandlers(
  operations: Operations,
): HandlersOf<'createFolder' | 'copyObjects' | 'moveObjects' | 'deleteObjects' | 'restoreDeleted'> {
  return {
    createFolder: ({ who, body, origin }) => operations.createFolder(who, body, origin),
    copyObjects: ({ who, body, origin }) => operations.transfer('copy', who, body, origin),
    moveObjects: ({ who, body, origin }) => operations.transfer('move', who, body, origin),
    deleteObjects: ({ who, body, origin }) => operations.delete(who, body, origin),
    restoreDeleted: ({ who, body, origin }) => operations.restoreDeleted(who, body, origin),
  }
}
