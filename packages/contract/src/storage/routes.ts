import { Job } from '../jobs/schemas.ts'
import { guarded, type Route } from '../route.ts'
import { ClassRequest, StorageClasses } from './class-schemas.ts'
import { CostAnalysis } from './cost-schemas.ts'
import { InventoryFiles, InventoryFilesChange, InventoryRequest, OwnCounts } from './inventory-schemas.ts'
import { BucketRules, RulesChange, RulesParams } from './rule-schemas.ts'
import { ScopeQuery, StorageStats, StorageUsage, UsageQuery } from './schemas.ts'

const atBucket = [
  'invalid-request',
  'forbidden',
  'not-found',
  'conflict',
  'bucket-missing',
  'store-unavailable',
  'store-refused',
] as const

export const STORAGE_ROUTES = {
  storageUsage: {
    area: 'storage',
    audience: 'user',
    summary: 'Objects and bytes by location, user, class or folder',
    query: UsageQuery,
    success: { status: 200, body: StorageUsage },
    problems: ['invalid-request', 'forbidden', ...guarded],
  },
  storageStats: {
    area: 'storage',
    audience: 'user',
    summary: 'What is stored: totals, growth, the largest, the oldest, what nobody reads, duplicates',
    query: ScopeQuery,
    success: { status: 200, body: StorageStats },
    problems: ['invalid-request', 'forbidden', ...guarded],
  },
  costAnalysis: {
    area: 'storage',
    audience: 'user',
    summary: 'What the storage costs a month, what it will cost in a year, and what would save money',
    query: ScopeQuery,
    success: { status: 200, body: CostAnalysis },
    problems: ['invalid-request', 'forbidden', ...guarded],
  },
  takeInventory: {
    area: 'storage',
    audience: 'admin',
    summary: 'Count a bucket in a job: by folder, class, size and age',
    body: InventoryRequest,
    success: { status: 202, body: Job },
    problems: ['invalid-request', 'forbidden', 'not-found', 'conflict', ...guarded],
  },
  countOwnPlaces: {
    area: 'storage',
    audience: 'user',
    summary: "Count the buckets of the caller's locations now, each at most once in 15 minutes",
    success: { status: 202, body: OwnCounts },
    problems: ['too-many-requests', ...guarded],
  },
  inventoryFiles: {
    area: 'storage',
    audience: 'admin',
    summary: 'Where a bucket has files of S3 Inventory, and the latest of them',
    params: RulesParams,
    success: { status: 200, body: InventoryFiles },
    problems: [...atBucket, ...guarded],
  },
  setInventoryFiles: {
    area: 'storage',
    audience: 'admin',
    summary: 'Count a bucket by files of S3 Inventory from now on, or by listings again',
    params: RulesParams,
    body: InventoryFilesChange,
    success: { status: 200, body: InventoryFiles },
    problems: [...atBucket, ...guarded],
  },
  storageClasses: {
    area: 'storage',
    audience: 'user',
    summary: 'The storage classes of the store, with what they cost',
    success: { status: 200, body: StorageClasses },
    problems: guarded,
  },
  changeClass: {
    area: 'storage',
    audience: 'user',
    summary:
      'Give an object or a folder another storage class in a job; requires read and write, for a folder also list',
    body: ClassRequest,
    success: { status: 202, body: Job },
    problems: ['invalid-request', 'invalid-key', 'forbidden', 'bucket-missing', ...guarded],
  },
  bucketRules: {
    area: 'storage',
    audience: 'admin',
    summary: 'The rules by which a bucket moves objects between storage classes',
    params: RulesParams,
    success: { status: 200, body: BucketRules },
    problems: [...atBucket, ...guarded],
  },
  changeBucketRules: {
    area: 'storage',
    audience: 'admin',
    summary: 'Replace these rules, or preview that; lifecycle rules of others stay. Takes If-Match',
    params: RulesParams,
    body: RulesChange,
    success: { status: 200, body: BucketRules },
    problems: [...atBucket, 'precondition-failed', 'provisioning-failed', ...guarded],
  },
} as const satisfies Record<string, Route>
