/** A group: what an issuer's claim calls it, or one of SkyCrate's own. The same name from two issuers is two groups. */
export interface Group {
  readonly name: string
  /** Whose claim says it; null for SkyCrate's own groups. */
  readonly issuer: string | null
}
