import type { S3Action } from '../operation.ts'
import type { Principal } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'

/** What an action is asked for on. */
export interface Resource {
  readonly bucket?: string
  readonly key?: string
}

/**
 * The one place that lets an action through. The root key may do everything; bucket policies are stored and returned
 * but give nobody anything, so a request without a signature is always refused.
 *
 * @throws S3Error AccessDenied
 */
export const authorise = (principal: Principal, _action: S3Action, _resource: Resource): void => {
  switch (principal.kind) {
    case 'root':
      return
    case 'anonymous':
      throw new S3Error('AccessDenied')
  }
}
