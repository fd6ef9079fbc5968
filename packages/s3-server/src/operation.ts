import type { Reply } from './reply.ts'
import type { RequestContext } from './request-context.ts'
import type { S3Action } from './s3-action.ts'
import type { Bucket } from './store/tables/bucket-table.ts'

/**
 * Who may call an operation. There is no default: an operation without it does not compile.
 * `signature`: a verified SigV4 signature whose principal is allowed the action on the resource.
 * `items`: a verified signature; the handler asks for the action on what the body names: keys, or tags.
 * `sts`: the handler verifies the signature, which is one for STS, or the token that stands for it.
 * `form`: the handler verifies the signed policy in the body, then asks for the action.
 * `anyone`: a CORS preflight, which browsers send without credentials and which tells nothing else.
 */
export type Access =
  | {
      readonly by: 'signature'
      readonly action: S3Action
      /** The action instead when the request names a version. */
      readonly versionAction?: S3Action
    }
  | { readonly by: 'items'; readonly action: S3Action }
  | { readonly by: 'form'; readonly action: S3Action }
  | { readonly by: 'sts' }
  | { readonly by: 'anyone' }

interface OperationMatch {
  readonly name: string
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE' | 'OPTIONS'
  /** Query parameters that make a request this operation; the operation that needs most of those given wins. */
  readonly requires?: readonly string[]
  readonly requiresHeader?: string
  /** Query parameters it understands beside; any other (but signatures and `x-…`) is answered NotImplemented. */
  readonly allows?: readonly string[] | 'any'
  readonly access: Access
}

/** One S3 operation, by what it works on: the bucket is looked up before a `bucket` or `object` operation runs. */
export type Operation = OperationMatch &
  (
    | { readonly scope: 'any'; readonly run: (context: RequestContext) => Reply | Promise<Reply> }
    | { readonly scope: 'service'; readonly run: (context: RequestContext) => Reply | Promise<Reply> }
    | {
        readonly scope: 'bucket-name'
        readonly run: (context: RequestContext, name: string) => Reply | Promise<Reply>
      }
    | { readonly scope: 'bucket'; readonly run: (context: RequestContext, bucket: Bucket) => Reply | Promise<Reply> }
    | {
        readonly scope: 'object'
        readonly run: (context: RequestContext, bucket: Bucket, key: string) => Reply | Promise<Reply>
      }
  )
