/** An IAM action, such as `s3:PutObject`. */
export type S3Action = `s3:${string}`
