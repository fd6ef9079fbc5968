import { AppError } from '../errors/app-error.ts'

/** A store whose policies can't name a folder with such a name would give another folder instead. */
export const notExpressible = (): AppError =>
  new AppError(
    'credentials-unsupported',
    'This store cannot limit credentials to a folder with *, ? or $ in its name. Use presigned URLs.',
  )
