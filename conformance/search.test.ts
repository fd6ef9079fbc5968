import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Api, apiOf, type AuditEvent, signInAsAdmin } from './api.ts'
import { home, list, remove, upload } from './client-steps.ts'
import { startPlainIssuer } from './issuers/plain-issuer.ts'
import { poll } from './poll.ts'
import { askStore } from './store-root.ts'
import { startSystem } from './system.ts'

const WITHIN_MS = 60_000

interface Results {
  readonly results: readonly {
    readonly bucket: string
    readonly key: string
    readonly kind: string
    readonly size: number | null
  }[]
  readonly nextCursor: string | null
  readonly freshness: { readonly buckets: number; readonly listed: number; readonly listedAt: string | null }
}

async function search(api: Api, query: Record<string, string>): Promise<Results> {
  const answer = await api.get(`/s3/search?${new URLSearchParams(query)}`)
  assert.equal(answer.status, 200, answer.text)
  return answer.json<Results>()
}

const keysFor = async (api: Api, q: string, more: Record<string, string> = {}): Promise<string[]> =>
  (await search(api, { q, ...more })).results.map(({ key }) => key)

test('names are found where the caller may list, and nowhere else', { timeout: 180_000 }, async () => {
  await using issuer = await startPlainIssuer('/')
  const issuers = [{ issuer: issuer.issuer, audience: 'files' }]
  await using system = await startSystem({ env: { SKYCRATE_ISSUERS: JSON.stringify(issuers) } })
  const admin = await signInAsAdmin(system)
  const { bucket } = await home(admin)
  const keys = [
    'reports/2026/Annual Report.pdf',
    'reports/2026/annual figures.csv',
    'reports/drafts/annual.txt',
    'secret/annual plan.txt',
    'photos/Été 日本 100%_.jpg',
    'a//annual',
    'x/annual report',
  ]
  for (const key of keys) await upload(admin, bucket, key, key)
  const ada = apiOf(system.url, issuer.token({ sub: 'ada', aud: 'files' }))
  const permission = { principal: { kind: 'everyone' }, bucket, prefix: 'reports/2026/', actions: ['list'] }
  assert.equal((await admin.post('/permissions', permission)).status, 201)

  // The first search has the buckets listed; what it says of itself tells when that is done.
  const first = await search(admin, { q: 'annual', bucket })
  assert.equal(first.freshness.buckets, 1)
  await poll(
    'the bucket was listed',
    WITHIN_MS,
    async () => (await search(admin, { q: 'annual', bucket })).freshness.listed === 1,
  )
  assert.deepEqual(await keysFor(admin, 'annual', { bucket }), [
    'a//annual',
    'reports/2026/Annual Report.pdf',
    'reports/2026/annual figures.csv',
    'reports/drafts/annual.txt',
    'secret/annual plan.txt',
    'x/annual report',
  ])
  assert.deepEqual(await keysFor(admin, 'report ANNUAL', { bucket }), [
    'reports/2026/Annual Report.pdf',
    'x/annual report',
  ])
  assert.deepEqual(await keysFor(admin, 'annual', { bucket, prefix: 'reports/' }), [
    'reports/2026/Annual Report.pdf',
    'reports/2026/annual figures.csv',
    'reports/drafts/annual.txt',
  ])
  for (const q of ['e\u0301te\u0301', '日本', '100%_', 'ét', '%', '100'])
    assert.deepEqual(await keysFor(admin, q, { bucket }), [keys[4]!], q)
  for (const q of ['%%', '_nnual', '\\', "'", 'annual"']) assert.deepEqual(await keysFor(admin, q, { bucket }), [], q)
  assert.deepEqual(await keysFor(admin, 'drafts', { bucket }), ['reports/drafts/'], 'a folder has a name, too')

  // Somebody else: only below their locations.
  assert.deepEqual(await keysFor(ada, 'annual'), ['reports/2026/Annual Report.pdf', 'reports/2026/annual figures.csv'])
  assert.deepEqual(await keysFor(ada, 'annual', { bucket, prefix: 'secret/' }), [])
  assert.deepEqual(await keysFor(ada, 'drafts'), [])

  // Page by page, each once.
  const paged: string[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: Results = await search(admin, { q: 'annual', bucket, limit: '2', ...(cursor && { cursor }) })
    paged.push(...page.results.map(({ key }) => key))
    cursor = page.nextCursor
  }
  assert.deepEqual(paged, await keysFor(admin, 'annual', { bucket }))

  // What goes through SkyCrate is known at once; what other programs do, when the folder is looked at.
  assert.equal((await remove(admin, bucket, 'reports/drafts/annual.txt')).status, 204)
  const put = await askStore(system, 'PUT', `/${bucket}/reports/2026/annual-new.txt`, {}, 'new')
  assert.equal(put.status, 200, put.text)
  await list(admin, bucket, { prefix: 'reports/2026/', delimiter: '/' })
  await poll('the changes were noted', WITHIN_MS, async () => {
    const found = await keysFor(ada, 'annual-new')
    const gone = await keysFor(admin, 'annual', { bucket, prefix: 'reports/drafts/' })
    return found.length === 1 && gone.length === 0
  })

  // A permission that ends, ends here.
  const { permissions } = (await admin.get('/permissions?limit=100')).json<{
    permissions: { id: string; prefix: string }[]
  }>()
  const { id } = permissions.find(({ prefix }) => prefix === 'reports/2026/')!
  assert.equal((await admin.delete(`/permissions/${id}`)).status, 204)
  assert.deepEqual(await keysFor(ada, 'annual'), [])

  const logged = (await admin.get('/audit/logs?action=object.search&limit=100')).json<{
    events: (AuditEvent & { detail: object })[]
  }>()
  assert.ok(logged.events.some(({ detail }) => JSON.stringify(detail) === '{"query":"drafts","results":0}'))
  for (const query of ['?q=', '?q=%20', '?q=a&prefix=x', '?q=a&cursor=x', '']) {
    assert.equal((await admin.get(`/s3/search${query}`)).status, 400, query)
  }
})
