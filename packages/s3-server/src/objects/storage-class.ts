/**
 * The classes that an object of a general purpose bucket can have, each colder (or no warmer) than the one before:
 * a lifecycle only ever moves objects down this list.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
 */
export const STORAGE_CLASSES = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'INTELLIGENT_TIERING',
  'ONEZONE_IA',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
] as const

export type StorageClass = (typeof STORAGE_CLASSES)[number]

/** Undefined for a name that S3 does not have, or has only for other kinds of buckets. */
export const parseStorageClass = (text: string): StorageClass | undefined =>
  STORAGE_CLASSES.find((storageClass) => storageClass === text)

/** Whether a lifecycle may move an object from one class to the other. */
export const isColder = (from: string, to: StorageClass): boolean =>
  STORAGE_CLASSES.indexOf(to) > STORAGE_CLASSES.findIndex((storageClass) => storageClass === from)
