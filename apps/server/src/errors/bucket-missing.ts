import { AppError } from './app-error.ts'

/** For a caller whose permission names a bucket that its store does not have. */
export function bucketMissing(bucket: string): AppError {
  return new AppError('bucket-missing', `The bucket ${bucket} does not exist. Ask an administrator.`)
}
