import { AppError } from '../errors/app-error.ts'

/**
 * @param accelerates whether the store has S3 Transfer Acceleration
 * @throws AppError `invalid-request`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/transfer-acceleration.html
 */
export function checkAcceleration(bucket: string, accelerates: boolean): void {
  const refuse = (message: string): never => {
    throw new AppError('invalid-request', undefined, { errors: [{ path: '/accelerated', message }] })
  }
  if (!accelerates) refuse('is for Amazon S3 alone: this store has no Transfer Acceleration')
  if (bucket.includes('.')) refuse('is not for a bucket with dots in its name: its host would have no certificate')
}
