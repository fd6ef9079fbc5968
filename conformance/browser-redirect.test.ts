import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { findBrowser, startBrowser } from './browser.ts'
import { fillSignIn, signIn } from './browser-steps.ts'
import { request } from './http.ts'
import { startSystem } from './system.ts'

const browserPath = findBrowser()
const skip = browserPath === undefined ? 'a browser: apt-get install --no-install-recommends chromium' : false

/** Every spelling by which a browser might be brought to another host. */
const spellings = (host: string): readonly string[] => [
  `http://${host}/phish`,
  `http:${host}/phish`,
  `HTTP://${host}/phish`,
  `//${host}/phish`,
  `///${host}/phish`,
  `////${host}/phish`,
  `/\\${host}/phish`,
  `\\\\${host}/phish`,
  `/\t/${host}/phish`,
  `\t//${host}/phish`,
  `/\n/${host}/phish`,
  `/\r\n/${host}/phish`,
  ` //${host}/phish`,
  `/.//${host}/phish`,
  `/..//${host}/phish`,
  `/files/..//${host}/phish`,
  `/@${host}/phish`,
  `http://127.0.0.1@${host}/phish`,
  `//127.0.0.1:80@${host}/phish`,
  `/%2F${host}/phish`,
  `%2F%2F${host}/phish`,
  `/%252F${host}/phish`,
  `/%5C${host}/phish`,
  `/%09/${host}/phish`,
  `http%3A%2F%2F${encodeURIComponent(host)}%2Fphish`,
  `/sign-in?next=${encodeURIComponent(`//${host}/phish`)}`,
  `javascript:location='http://${host}/phish'`,
]

test('no address leads from signing in to another origin', { skip, timeout: 180_000 }, async () => {
  const visits: string[] = []
  const stranger = createServer((incoming, response) => {
    visits.push(incoming.url ?? '')
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Phish</h1>')
  })
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(stranger.address() as AddressInfo).port}`
  try {
    await using system = await startSystem()
    await using browser = await startBrowser(browserPath!)
    const page = await browser.newPage()
    const address = (next: string): string => `${system.url}/sign-in?next=${encodeURIComponent(next)}`

    // Signed in by hand, from an address that somebody sent.
    for (const next of [`http://${host}/phish`, `//${host}/phish`, `/\t/${host}/phish`]) {
      await page.goto(address(next))
      await fillSignIn(page, system.admin)
      await page.getByRole('heading', { name: 'Your files' }).waitFor()
      assert.equal(new URL(page.url()).origin, system.url, JSON.stringify(next))
      await page.getByRole('button', { name: /^Account of/ }).click()
      await page.getByRole('menuitem', { name: 'Sign out' }).click()
      await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    }

    await signIn(page, system)
    for (const next of spellings(host)) {
      await page.goto(address(next))
      await page.getByRole('heading', { name: /^(Your files|There is no such page)$/ }).waitFor()
      assert.equal(new URL(page.url()).origin, system.url, JSON.stringify(next))
    }
    // Given once more by the address as it is, without another encoding.
    for (const next of spellings(host).filter((each) => !/[\s#&]/.test(each))) {
      await page.goto(`${system.url}/sign-in?next=${next}`)
      await page.getByRole('heading', { name: /^(Your files|There is no such page)$/ }).waitFor()
      assert.equal(new URL(page.url()).origin, system.url, next)
    }

    // What is a page of the app is followed, with its search.
    await page.goto(address('/activity'))
    await page.getByRole('heading', { name: 'Activity' }).waitFor()
    await page.goto(address('/files?folder=a%2Fb%2F'))
    await page.getByRole('heading', { name: 'b', exact: true }).waitFor()

    // The server itself sends nobody away, whatever is in the path.
    for (const path of [
      `//${host}/phish`,
      `/\\${host}/phish`,
      `/%2F${host}/phish`,
      `/%5C${host}`,
      `/docs//${host}/..`,
    ]) {
      const answer = await request(`${system.url}${path}`, { headers: { accept: 'text/html' } })
      const { location } = answer.headers
      assert.ok(location === undefined || new URL(String(location), system.url).origin === system.url, path)
    }
    assert.deepEqual(visits, [], 'nobody was brought to the stranger')
  } finally {
    stranger.closeAllConnections()
    stranger.close()
  }
})
