/** Something that SkyCrate sets on a bucket. Its JSON is what is compared to see that a recorded one is out of date. */
export type BucketSetting =
  /** All four: no public ACLs, no public policies. */
  | { readonly kind: 'public-access-block' }
  | { readonly kind: 'encryption'; readonly with: 'AES256' | { readonly kmsKeyId: string } }
  /** BucketOwnerEnforced: ACLs are off. */
  | { readonly kind: 'ownership-controls' }
  | { readonly kind: 'versioning' }
  | {
      readonly kind: 'cors'
      readonly origins: readonly string[]
      readonly methods: readonly string[]
      readonly allowedHeaders: readonly string[]
      readonly exposedHeaders: readonly string[]
    }
  /** Days after which unfinished uploads and replaced or deleted versions go, so that their space comes back. */
  | { readonly kind: 'lifecycle'; readonly abortUploadsAfterDays: number; readonly keepOldVersionsDays: number }
  | { readonly kind: 'tags'; readonly tags: Readonly<Record<string, string>> }
  /** A bucket policy that denies what does not come over TLS. */
  | { readonly kind: 'tls-only-policy' }

export type SettingKind = BucketSetting['kind']

/** The ones without which a bucket is less safe than its owner was told. */
export const PROTECTIVE: ReadonlySet<SettingKind> = new Set<SettingKind>([
  'public-access-block',
  'encryption',
  'ownership-controls',
  'tls-only-policy',
])

/** Those of which a store keeps several beside each other, so that SkyCrate's replaces nobody else's. */
export const BESIDE_OTHERS: ReadonlySet<SettingKind> = new Set<SettingKind>([
  'cors',
  'lifecycle',
  'tags',
  'tls-only-policy',
])
