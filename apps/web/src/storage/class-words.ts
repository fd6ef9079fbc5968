/** Classes of Amazon S3 as its documents call them; those of other stores go by their own names. */
const NAMES: Readonly<Record<string, string>> = {
  STANDARD: 'Standard',
  STANDARD_IA: 'Standard-Infrequent Access',
  ONEZONE_IA: 'One Zone-Infrequent Access',
  INTELLIGENT_TIERING: 'Intelligent-Tiering',
  GLACIER_IR: 'Glacier Instant Retrieval',
  GLACIER: 'Glacier Flexible Retrieval',
  DEEP_ARCHIVE: 'Glacier Deep Archive',
  REDUCED_REDUNDANCY: 'Reduced Redundancy',
}

export const className = (name: string): string => NAMES[name] ?? name
