const RESOURCE_FIELDS = new Set(['Resource', 'NotResource'])

/** Lets a bucket policy speak of another bucket: in its resources, and nowhere else. */
export const renameInPolicy = (policy: string, from: string, to: string): string => {
  const rename = (resource: unknown): unknown => {
    if (Array.isArray(resource)) return resource.map(rename)
    if (typeof resource !== 'string') return resource
    const [, before = '', name = '', after = ''] = /^(arn:[^:]*:s3:[^:]*:[^:]*:)([^/]*)(.*)$/s.exec(resource) ?? []
    return name === from ? before + to + after : resource
  }
  return JSON.stringify(JSON.parse(policy), (key, value: unknown) => (RESOURCE_FIELDS.has(key) ? rename(value) : value))
}
