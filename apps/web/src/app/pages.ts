import AccountCircleOutlined from '@mui/icons-material/AccountCircleOutlined'
import DeleteOutlined from '@mui/icons-material/DeleteOutlined'
import CottageOutlined from '@mui/icons-material/CottageOutlined'
import DashboardOutlined from '@mui/icons-material/DashboardOutlined'
import DonutLargeOutlined from '@mui/icons-material/DonutLargeOutlined'
import FolderOutlined from '@mui/icons-material/FolderOutlined'
import GroupsOutlined from '@mui/icons-material/GroupsOutlined'
import HistoryOutlined from '@mui/icons-material/HistoryOutlined'
import HealingOutlined from '@mui/icons-material/HealingOutlined'
import LinkOutlined from '@mui/icons-material/LinkOutlined'
import KeyOutlined from '@mui/icons-material/KeyOutlined'
import MailOutlined from '@mui/icons-material/MailOutlined'
import PeopleOutlined from '@mui/icons-material/PeopleOutlined'
import ScheduleOutlined from '@mui/icons-material/ScheduleOutlined'
import StarOutlined from '@mui/icons-material/StarOutlineRounded'
import PlaceOutlined from '@mui/icons-material/PlaceOutlined'
import PolicyOutlined from '@mui/icons-material/PolicyOutlined'
import SyncAltOutlined from '@mui/icons-material/SyncAltOutlined'
import VerifiedUserOutlined from '@mui/icons-material/VerifiedUserOutlined'
import SmartToyOutlined from '@mui/icons-material/SmartToyOutlined'
import StorageOutlined from '@mui/icons-material/StorageOutlined'
import type { PREFETCH } from '../admin/prefetch.ts'
import { activityQuery, homeQuery, listingQuery, locationsQuery } from '../data/queries.ts'
import { folderIn, prefixIn } from '../files/folder-search.ts'
import { PATHS } from '../paths.ts'
import type { AppPage } from './app-page.ts'
import { lazyPage } from './lazy-page.ts'

/** What administrators' pages fetch is a script of its own: the first page of others needs none of it. */
function prefetchAdmin(page: keyof typeof PREFETCH): NonNullable<AppPage['prefetch']> {
  return (app, at) =>
    void import('../admin/prefetch.ts').then((loaded) => loaded.PREFETCH[page](app, at)).catch(() => undefined)
}

/** Every page behind the sign-in, in the order of the navigation. The router and the navigation are made from it. */
export const PAGES: readonly AppPage[] = [
  {
    path: PATHS.dashboard,
    title: 'Dashboard',
    icon: DashboardOutlined,
    section: 'files',
    audience: 'user',
    component: lazyPage(() => import('../dashboard/dashboard-page.tsx'), 'DashboardPage'),
  },
  {
    path: PATHS.files,
    title: 'Your files',
    icon: FolderOutlined,
    section: 'files',
    audience: 'user',
    component: lazyPage(() => import('../files/files-page.tsx'), 'FilesPage'),
    prefetch({ api, queries }, { search }) {
      const { folder = '' } = folderIn(search)
      void queries
        .ensureQueryData(homeQuery(api))
        .then(({ bucket, prefix }) => queries.prefetchInfiniteQuery(listingQuery(api, bucket, `${prefix}${folder}`)))
        .catch(() => undefined)
    },
  },
  {
    path: PATHS.locations,
    title: 'Locations',
    icon: PlaceOutlined,
    section: 'files',
    audience: 'guest',
    component: lazyPage(() => import('../locations/locations-page.tsx'), 'LocationsPage'),
    prefetch({ api, queries }) {
      void queries.prefetchInfiniteQuery(locationsQuery(api))
    },
  },
  {
    path: PATHS.location,
    title: 'Location',
    section: 'files',
    audience: 'guest',
    component: lazyPage(() => import('../files/location-page.tsx'), 'LocationPage'),
    prefetch({ api, queries }, { params, search }) {
      void queries.prefetchInfiniteQuery(locationsQuery(api))
      void queries.prefetchInfiniteQuery(listingQuery(api, params['bucket'] ?? '', prefixIn(search).prefix ?? ''))
    },
  },
  {
    path: PATHS.starred,
    title: 'Starred',
    icon: StarOutlined,
    section: 'files',
    audience: 'user',
    component: lazyPage(() => import('../starred/starred-page.tsx'), 'StarredPage'),
  },
  {
    path: PATHS.recent,
    title: 'Recent',
    icon: ScheduleOutlined,
    section: 'files',
    audience: 'user',
    component: lazyPage(() => import('../starred/starred-page.tsx'), 'RecentPage'),
  },
  {
    path: PATHS.shares,
    title: 'Shared links',
    icon: LinkOutlined,
    section: 'files',
    audience: 'user',
    component: lazyPage(() => import('../shares/shares-page.tsx'), 'SharesPage'),
  },
  {
    path: PATHS.trash,
    title: 'Trash',
    icon: DeleteOutlined,
    section: 'files',
    audience: 'user',
    component: lazyPage(() => import('../trash/trash-page.tsx'), 'TrashPage'),
  },
  {
    path: PATHS.activity,
    title: 'Activity',
    icon: HistoryOutlined,
    section: 'files',
    audience: 'user',
    component: lazyPage(() => import('../audit/activity-page.tsx'), 'ActivityPage'),
    prefetch({ api, queries }) {
      void queries.prefetchInfiniteQuery(activityQuery(api))
    },
  },
  {
    path: PATHS.storage,
    title: 'Storage',
    icon: DonutLargeOutlined,
    section: 'files',
    audience: 'user',
    component: lazyPage(() => import('../storage/storage-page.tsx'), 'StoragePage'),
  },
  {
    path: PATHS.allStorage,
    title: 'Storage and cost',
    icon: DonutLargeOutlined,
    section: 'administration',
    audience: 'admin',
    component: lazyPage(() => import('../storage/storage-page.tsx'), 'AllStoragePage'),
  },
  {
    path: PATHS.profile,
    title: 'Profile',
    icon: AccountCircleOutlined,
    section: 'files',
    audience: 'user',
    component: lazyPage(() => import('../profile/profile-page.tsx'), 'ProfilePage'),
  },
  {
    path: PATHS.device,
    title: 'Sign in a device',
    section: 'files',
    audience: 'user',
    component: lazyPage(() => import('../device/device-page.tsx'), 'DevicePage'),
  },
  {
    path: PATHS.users,
    title: 'Users',
    icon: PeopleOutlined,
    section: 'administration',
    audience: 'admin',
    component: lazyPage(() => import('../admin/users/users-page.tsx'), 'UsersPage'),
    prefetch: prefetchAdmin('users'),
  },
  {
    path: PATHS.groups,
    title: 'Groups',
    icon: GroupsOutlined,
    section: 'administration',
    audience: 'admin',
    component: lazyPage(() => import('../admin/groups/groups-page.tsx'), 'GroupsPage'),
    prefetch: prefetchAdmin('groups'),
  },
  {
    path: PATHS.machines,
    title: 'Machines',
    icon: SmartToyOutlined,
    section: 'administration',
    audience: 'admin',
    component: lazyPage(() => import('../admin/machines/machines-page.tsx'), 'MachinesPage'),
  },
  {
    path: PATHS.buckets,
    title: 'Buckets',
    icon: StorageOutlined,
    section: 'administration',
    audience: 'admin',
    component: lazyPage(() => import('../admin/buckets/buckets-page.tsx'), 'BucketsPage'),
    prefetch: prefetchAdmin('buckets'),
  },
  {
    path: PATHS.bucket,
    title: 'Bucket',
    section: 'administration',
    audience: 'admin',
    component: lazyPage(() => import('../admin/buckets/bucket-page.tsx'), 'BucketPage'),
    prefetch: prefetchAdmin('bucket'),
  },
  {
    path: PATHS.homes,
    title: 'Homes',
    icon: CottageOutlined,
    section: 'administration',
    audience: 'admin',
    component: lazyPage(() => import('../admin/homes/homes-page.tsx'), 'HomesPage'),
    prefetch: prefetchAdmin('homes'),
  },
  {
    path: PATHS.permissions,
    title: 'Permissions',
    icon: KeyOutlined,
    section: 'administration',
    audience: 'admin',
    component: lazyPage(() => import('../admin/permissions/permissions-page.tsx'), 'PermissionsPage'),
    prefetch: prefetchAdmin('permissions'),
  },
  {
    path: PATHS.allShares,
    title: 'All shared links',
    icon: LinkOutlined,
    section: 'administration',
    audience: 'admin',
    component: lazyPage(() => import('../shares/shares-page.tsx'), 'AllSharesPage'),
  },
  {
    path: PATHS.whoCan,
    title: 'Who can do what here',
    section: 'administration',
    audience: 'admin',
    component: lazyPage(() => import('../admin/permissions/who-can-page.tsx'), 'WhoCanPage'),
  },
  {
    path: PATHS.issuers,
    title: 'Issuers',
    icon: VerifiedUserOutlined,
    section: 'administration',
    audience: 'admin',
    component: lazyPage(() => import('../admin/issuers/issuers-page.tsx'), 'IssuersPage'),
    prefetch: prefetchAdmin('issuers'),
  },
  {
    path: PATHS.directories,
    title: 'Directories',
    icon: SyncAltOutlined,
    section: 'administration',
    audience: 'admin',
    component: lazyPage(() => import('../admin/directories/directories-page.tsx'), 'DirectoriesPage'),
    prefetch: prefetchAdmin('directories'),
  },
  {
    path: PATHS.mail,
    title: 'Mail',
    icon: MailOutlined,
    section: 'administration',
    audience: 'admin',
    component: lazyPage(() => import('../admin/mail/mail-page.tsx'), 'MailPage'),
    prefetch: prefetchAdmin('mail'),
  },
  {
    path: PATHS.audit,
    title: 'Audit log',
    icon: PolicyOutlined,
    section: 'administration',
    audience: 'admin',
    component: lazyPage(() => import('../admin/audit/audit-page.tsx'), 'AuditPage'),
    prefetch: prefetchAdmin('audit'),
  },
  {
    path: PATHS.doctor,
    title: 'Doctor',
    icon: HealingOutlined,
    section: 'administration',
    audience: 'admin',
    component: lazyPage(() => import('../admin/doctor/doctor-page.tsx'), 'DoctorPage'),
  },
]

const SECTIONS = { files: 'Files', administration: 'Administration' } as const satisfies Record<
  AppPage['section'],
  string
>

export interface Section {
  readonly title: string
  readonly pages: readonly AppPage[]
}

/** What the navigation offers a person; a section without pages is left out. */
export function sectionsFor(me: { readonly isAdmin: boolean }): readonly Section[] {
  const offered = PAGES.filter(({ icon, audience }) => icon !== undefined && (audience !== 'admin' || me.isAdmin))
  return Object.entries(SECTIONS)
    .map(([name, title]) => ({ title, pages: offered.filter(({ section }) => section === name) }))
    .filter(({ pages }) => pages.length > 0)
}
