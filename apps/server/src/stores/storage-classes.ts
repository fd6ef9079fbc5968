/** What a general purpose bucket of Amazon S3 and of the embedded store has. */
export const S3_CLASSES: readonly string[] = [
  'STANDARD',
  'INTELLIGENT_TIERING',
  'STANDARD_IA',
  'ONEZONE_IA',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
]

/** What is wrong with a class, for a person; undefined where the store has it. */
export function classMistake(storageClass: string, classes: readonly string[]): string | undefined {
  return classes.includes(storageClass) ? undefined : `is not a class of this store, which has ${classes.join(', ')}`
}
