/** Which deletions a trash page shows, as it stands in the address; without a bucket those of the caller's home. */
export interface TrashSearch {
  readonly bucket?: string
  readonly prefix?: string
}

export const trashIn = ({ bucket, prefix }: Record<string, unknown>): TrashSearch => ({
  ...(typeof bucket === 'string' && bucket !== '' ? { bucket } : {}),
  ...(typeof prefix === 'string' && prefix !== '' ? { prefix } : {}),
})
