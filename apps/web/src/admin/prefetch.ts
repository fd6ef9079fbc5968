import type { AppPage } from '../app/app-page.ts'
import { auditQuery } from '../data/queries.ts'
import { parseAuditSearch } from './audit/audit-search.ts'
import { bucketQuery, bucketsQuery } from './buckets/bucket-queries.ts'
import { parseBucketSearch } from './buckets/bucket-search.ts'
import { directoriesQuery } from './directories/directory-queries.ts'
import { groupsQuery } from './groups/group-queries.ts'
import { parseGroupSearch } from './groups/group-search.ts'
import { homesQuery } from './homes/home-queries.ts'
import { parseHomeSearch } from './homes/home-search.ts'
import { issuersQuery } from './issuers/issuer-queries.ts'
import { mailQuery } from './mail/mail-queries.ts'
import { permissionsQuery } from './permissions/permission-queries.ts'
import { parsePermissionSearch } from './permissions/permission-search.ts'
import { usersQuery } from './users/user-queries.ts'
import { parseUserSearch } from './users/user-search.ts'

/** What each page of administrators begins to fetch while its own script is on the way. */
export const PREFETCH = {
  users({ api, queries }, { search }) {
    void queries.prefetchInfiniteQuery(usersQuery(api, parseUserSearch(search)))
  },
  groups({ api, queries }, { search }) {
    void queries.prefetchInfiniteQuery(groupsQuery(api, parseGroupSearch(search)))
  },
  buckets({ api, queries }, { search }) {
    void queries.prefetchInfiniteQuery(bucketsQuery(api, parseBucketSearch(search)))
  },
  bucket({ api, queries }, { params }) {
    void queries.prefetchQuery(bucketQuery(api, params['store'] ?? '', params['name'] ?? ''))
  },
  homes({ api, queries }, { search }) {
    void queries.prefetchInfiniteQuery(homesQuery(api, parseHomeSearch(search)))
  },
  permissions({ api, queries }, { search }) {
    void queries.prefetchInfiniteQuery(permissionsQuery(api, parsePermissionSearch(search)))
  },
  issuers({ api, queries }) {
    void queries.prefetchInfiniteQuery(issuersQuery(api))
  },
  directories({ api, queries }) {
    void queries.prefetchInfiniteQuery(directoriesQuery(api))
  },
  mail({ api, queries }) {
    void queries.prefetchQuery(mailQuery(api))
  },
  audit({ api, queries }, { search }) {
    void queries.prefetchInfiniteQuery(auditQuery(api, parseAuditSearch(search)))
  },
} as const satisfies Record<string, NonNullable<AppPage['prefetch']>>
