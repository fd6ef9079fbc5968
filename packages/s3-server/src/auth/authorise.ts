import type { S3Action } from '../s3-action.ts'
import type { Principal, Resource } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'

/**
 * The one place that lets an action through.
 *
 * @throws S3Error AccessDenied
 */
export const authorise = (principal: Principal, action: S3Action, resource: Resource): void => {
  if (!principal.may(action, resource)) throw new S3Error('AccessDenied')
}
