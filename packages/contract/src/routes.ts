import { AUDIT_ROUTES } from './audit/routes.ts'
import { AUTH_ROUTES } from './auth/routes.ts'
import { CREDENTIALS_ROUTES } from './credentials/routes.ts'
import { BUCKETS_ROUTES } from './buckets/routes.ts'
import { DIRECTORIES_ROUTES } from './directories/routes.ts'
import { DOCTOR_ROUTES } from './doctor/routes.ts'
import { FACTORS_ROUTES } from './factors/routes.ts'
import { CLIENTS_ROUTES } from './clients/routes.ts'
import { DELIVERY_ROUTES } from './delivery/routes.ts'
import { DEVICE_ROUTES } from './device/routes.ts'
import { FILES_ROUTES } from './files/routes.ts'
import { GROUPS_ROUTES } from './groups/routes.ts'
import { HOME_ROUTES } from './home/routes.ts'
import { HOMES_ROUTES } from './homes/routes.ts'
import { IDENTITIES_ROUTES } from './identities/routes.ts'
import { ISSUERS_ROUTES } from './issuers/routes.ts'
import { JOBS_ROUTES } from './jobs/routes.ts'
import { MAIL_ROUTES } from './mail/routes.ts'
import { METADATA_ROUTES } from './metadata/routes.ts'
import { OBJECTS_ROUTES } from './objects/routes.ts'
import type { RouteName } from './paths.ts'
import { OPERATIONS_ROUTES } from './operations/routes.ts'
import { PERMISSIONS_ROUTES } from './permissions/routes.ts'
import type { Route } from './route.ts'
import { SEARCH_ROUTES } from './search/routes.ts'
import { SESSIONS_ROUTES } from './sessions/routes.ts'
import { QUOTAS_ROUTES } from './quotas/routes.ts'
import { SHARES_ROUTES } from './shares/routes.ts'
import { STARRED_ROUTES } from './starred/routes.ts'
import { STORAGE_ROUTES } from './storage/routes.ts'
import { TOKENS_ROUTES } from './tokens/routes.ts'
import { SIGN_IN_WITH_ROUTES } from './sign-in-with/routes.ts'
import { THUMBNAILS_ROUTES } from './thumbnails/routes.ts'
import { UPLOADS_ROUTES } from './uploads/routes.ts'
import { USERS_ROUTES } from './users/routes.ts'
import { VERSIONS_ROUTES } from './versions/routes.ts'

/** Every operation of the API. The server registers them, the client is typed by them, OpenAPI is written from them. */
export const ROUTES = {
  ...AUTH_ROUTES,
  ...SIGN_IN_WITH_ROUTES,
  ...SESSIONS_ROUTES,
  ...IDENTITIES_ROUTES,
  ...TOKENS_ROUTES,
  ...CLIENTS_ROUTES,
  ...DEVICE_ROUTES,
  ...FACTORS_ROUTES,
  ...USERS_ROUTES,
  ...GROUPS_ROUTES,
  ...DIRECTORIES_ROUTES,
  ...ISSUERS_ROUTES,
  ...HOME_ROUTES,
  ...HOMES_ROUTES,
  ...BUCKETS_ROUTES,
  ...OBJECTS_ROUTES,
  ...UPLOADS_ROUTES,
  ...METADATA_ROUTES,
  ...VERSIONS_ROUTES,
  ...OPERATIONS_ROUTES,
  ...THUMBNAILS_ROUTES,
  ...SEARCH_ROUTES,
  ...FILES_ROUTES,
  ...STARRED_ROUTES,
  ...SHARES_ROUTES,
  ...QUOTAS_ROUTES,
  ...CREDENTIALS_ROUTES,
  ...DELIVERY_ROUTES,
  ...PERMISSIONS_ROUTES,
  ...MAIL_ROUTES,
  ...DOCTOR_ROUTES,
  ...STORAGE_ROUTES,
  ...JOBS_ROUTES,
  ...AUDIT_ROUTES,
} as const satisfies { readonly [Name in RouteName]: Route }
