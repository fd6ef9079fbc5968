// node conformance/screenshots.ts: takes the pictures in docs/screenshots, from a system of its own with made-up content.
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { buildWeb } from '../scripts/build-web.ts'
import { type Api, signInAsAdmin } from './api.ts'
import { findBrowser, startBrowser, stillness } from './browser.ts'
import { signIn } from './browser-steps.ts'
import { home, list, upload, vend } from './client-steps.ts'
import { request } from './http.ts'
import { poll } from './poll.ts'
import { startSystem, type System } from './system.ts'

const FOLDER = fileURLToPath(new URL('../docs/screenshots/', import.meta.url))

const LOOKS = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1400, height: 900 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1400, height: 900 } },
  { name: 'phone', colorScheme: 'light', viewport: { width: 390, height: 844 } },
] as const

interface Shot {
  readonly name: string
  readonly path: string
  /** What is done on the page before the picture. */
  readonly act?: (page: Page) => Promise<void>
}

/** Whether as many pictures are there as are wanted. */
const shown = (wanted: number): boolean =>
  [...document.images].filter(({ complete, naturalWidth }) => complete && naturalWidth > 0).length >= wanted

const SHOTS: readonly Shot[] = [
  { name: 'files', path: '/files' },
  {
    name: 'grid',
    path: '/files?folder=Photos%2F',
    act: async (page) => {
      await page.getByRole('button', { name: 'Show as pictures' }).click()
      await poll('the thumbnails', 60_000, () => page.evaluate(shown, PHOTOS.length))
    },
  },
  { name: 'dashboard', path: '/dashboard' },
  { name: 'users', path: '/admin/users' },
  { name: 'permissions', path: '/admin/permissions' },
  { name: 'audit', path: '/admin/audit' },
  {
    name: 'storage',
    path: '/admin/storage',
    act: (page) => page.getByRole('region', { name: 'Table: Where it is' }).getByRole('button').first().click(),
  },
]

const DOCUMENTS: readonly (readonly [key: string, kilobytes: number])[] = [
  ['Annual report 2026.pdf', 840],
  ['Budget 2027.xlsx', 96],
  ['Contracts/Harbour lease.pdf', 310],
  ['Contracts/Insurance.pdf', 128],
  ['Minutes/2026-10.md', 6],
  ['Minutes/2026-11.md', 7],
  ['Offer for the north pier.docx', 52],
  ['Opening hours.txt', 1],
  ['Press kit.zip', 1400],
]
const PHOTOS = ['Breakwater', 'Crane at dawn', 'Ferry', 'Lighthouse', 'Low tide', 'North pier', 'Ropes', 'Warehouse']
const PEOPLE = [
  ['ada.lindqvist@harbour.example', 'Ada Lindqvist', ['office']],
  ['bruno.costa@harbour.example', 'Bruno Costa', ['pilots']],
  ['chiara.moretti@harbour.example', 'Chiara Moretti', ['office', 'press']],
  ['dmitri.sokolov@harbour.example', 'Dmitri Sokolov', ['pilots']],
  ['emma.okafor@harbour.example', 'Emma Okafor', ['press']],
] as const

buildWeb()
const browserPath = findBrowser()
assert.ok(browserPath, 'a browser is needed: apt-get install --no-install-recommends chromium')
await using system = await startSystem()
await using browser = await startBrowser(browserPath)
await mkdir(FOLDER, { recursive: true })
await fill(await signInAsAdmin(system), browser)
for (const look of LOOKS) await take(system, browser, look)

async function fill(api: Api, browser: Browser): Promise<void> {
  const { bucket } = await home(api)
  for (const [key, kilobytes] of DOCUMENTS) await upload(api, bucket, key, 'x'.repeat(kilobytes * 1000))
  const page = await browser.newPage()
  for (const [at, name] of PHOTOS.entries()) {
    const key = `Photos/${name}.png`
    const put = await vend(api, { bucket, key, operation: 'put', contentType: 'image/png' })
    const body = Buffer.from(await picture(page, at), 'base64')
    const answer = await request(put.url, { method: 'PUT', headers: put.headers, body })
    assert.equal(answer.status, 200, answer.text)
  }
  await page.close()
  await list(api, bucket)
  for (const name of ['office', 'pilots', 'press']) {
    assert.equal((await api.post('/groups', { name })).status, 201)
  }
  for (const [email, name, groups] of PEOPLE) {
    const answer = await api.post('/users', { email, name, groups, password: `a long password for ${name}` })
    assert.equal(answer.status, 201, answer.text)
  }
  for (const [group, prefix, actions] of [
    ['office', 'Contracts/', ['read', 'write', 'delete', 'list']],
    ['press', 'Photos/', ['read', 'list']],
    ['pilots', 'Minutes/', ['read', 'list']],
  ] as const) {
    const answer = await api.post('/permissions', { principal: { kind: 'group', group }, bucket, prefix, actions })
    assert.equal(answer.status, 201, answer.text)
  }
  await api.post('/s3/presigned-url', { bucket: 'of-somebody-else', key: 'a.txt', operation: 'get' })
  const { id } = (await api.post('/storage/inventories', { bucket })).json<{ id: string }>()
  await poll('the bucket is counted', 60_000, async () => {
    return (await api.get(`/jobs/${id}`)).json<{ state: string }>().state === 'done'
  })
}

/** A small landscape as PNG, in base64. */
function picture(page: Page, at: number): Promise<string> {
  return page.evaluate((n) => {
    const canvas = document.createElement('canvas')
    ;[canvas.width, canvas.height] = [640, 480]
    const context = canvas.getContext('2d')!
    const hue = (n * 43 + 190) % 360
    const sky = context.createLinearGradient(0, 0, 0, 300)
    sky.addColorStop(0, `hsl(${hue} 60% 45%)`)
    sky.addColorStop(1, `hsl(${(hue + 40) % 360} 75% 78%)`)
    context.fillStyle = sky
    context.fillRect(0, 0, 640, 480)
    context.fillStyle = 'rgb(255 250 235 / 0.9)'
    context.beginPath()
    context.arc(120 + n * 55, 110 + (n % 3) * 40, 36, 0, 2 * Math.PI)
    context.fill()
    for (const layer of [0, 1, 2]) {
      context.fillStyle = `hsl(${(hue + 180) % 360} ${25 + layer * 8}% ${48 - layer * 14}%)`
      context.beginPath()
      context.moveTo(0, 480)
      for (let x = 0; x <= 640; x += 8) {
        context.lineTo(x, 270 + layer * 60 + Math.sin(x / (70 + layer * 30) + n * 2 + layer) * (34 - layer * 8))
      }
      context.lineTo(640, 480)
      context.fill()
    }
    return canvas.toDataURL('image/png').split(',')[1]!
  }, at)
}

async function take(system: System, browser: Browser, look: (typeof LOOKS)[number]): Promise<void> {
  const { name: variant, colorScheme, viewport } = look
  const context = await browser.newContext({ colorScheme, viewport, reducedMotion: 'reduce' })
  const page = await context.newPage()
  await signIn(page, system)
  for (const { name, path, act } of SHOTS) {
    await page.goto(system.url + path)
    await page.waitForLoadState('networkidle')
    await act?.(page)
    await stillness(page)
    await page.screenshot({ path: join(FOLDER, `${name}-${variant}.png`) })
    process.stdout.write(`docs/screenshots/${name}-${variant}.png\n`)
  }
  await context.close()
}
