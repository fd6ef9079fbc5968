import type { Aim, BucketDetail, BucketSummary } from '@skycrate/contract/buckets/schemas'

type Colour = 'success' | 'warning' | 'error' | 'info' | 'default'

/** What people read instead of the API's words. */
export const BUCKET_KINDS: Readonly<Record<BucketSummary['kind'], string>> = {
  home: 'Home',
  library: 'Library',
  created: 'Created here',
  registered: 'Registered',
}

export const BUCKET_STATES: Readonly<
  Record<BucketSummary['state'], { readonly name: string; readonly color: Colour }>
> = {
  planned: { name: 'Being created', color: 'info' },
  creating: { name: 'Being created', color: 'info' },
  created: { name: 'Being created', color: 'info' },
  ready: { name: 'Ready', color: 'success' },
  collided: { name: 'Name taken', color: 'error' },
  failed: { name: 'Failed', color: 'error' },
  deleting: { name: 'Being deleted', color: 'warning' },
  deleted: { name: 'Deleted', color: 'default' },
}

export const AIM_NAMES: Readonly<Record<Aim, { readonly name: string; readonly what: string }>> = {
  'no-public-access': { name: 'No public access', what: 'Public ACLs and policies are blocked.' },
  encrypted: { name: 'Encrypted', what: 'Objects are encrypted at rest.' },
  'owner-only': { name: 'Owned by the bucket', what: 'ACLs are disabled.' },
  versioned: { name: 'Versioned', what: 'Replaced and deleted objects can be restored.' },
  cors: { name: 'Web access', what: 'The web app can access the bucket.' },
  lifecycle: { name: 'Cleaned up', what: 'Old versions and unfinished uploads expire.' },
  tagged: { name: 'Tagged', what: 'Tags mark the bucket as managed by SkyCrate.' },
  'tls-only': { name: 'TLS only', what: 'Requests without TLS are denied.' },
}

/** By the name of a step. */
export const STEP_NAMES: Readonly<Record<string, string>> = {
  create: 'Create the bucket',
  'public-access-block': 'Block public access',
  encryption: 'Encrypt objects',
  'ownership-controls': 'Turn off ACLs',
  versioning: 'Keep versions',
  cors: 'Allow the web app',
  lifecycle: 'Expire old versions and unfinished uploads',
  tags: 'Tag it',
  'tls-only-policy': 'Deny requests without TLS',
}

export const SETTING_STATES: Readonly<
  Record<BucketDetail['settings'][number]['state'], { readonly name: string; readonly color: Colour }>
> = {
  met: { name: 'Met', color: 'success' },
  unmet: { name: 'Not met', color: 'warning' },
  unsupported: { name: 'Not supported', color: 'default' },
  unknown: { name: 'Unknown', color: 'default' },
}

export const STEP_OUTCOMES: Readonly<
  Record<BucketDetail['steps'][number]['outcome'], { readonly name: string; readonly color: Colour }>
> = {
  applied: { name: 'Done', color: 'success' },
  unsupported: { name: 'Not supported', color: 'default' },
  failed: { name: 'Failed', color: 'error' },
}
