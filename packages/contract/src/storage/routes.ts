import { Job } from '../jobs/schemas.ts'
import { guarded, type Route } from '../route.ts'
import { CostAnalysis, InventoryRequest, ScopeQuery, StorageStats, StorageUsage, UsageQuery } from './schemas.ts'

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
} as const satisfies Record<string, Route>
