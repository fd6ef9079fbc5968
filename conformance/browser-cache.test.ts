import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { signInAsAdmin } from './api.ts'
import { findBrowser, startBrowser } from './browser.ts'
import { home, upload, vend } from './client-steps.ts'
import { askStore } from './store-root.ts'
import { startSystem } from './system.ts'

const browserPath = findBrowser()
const skip = browserPath === undefined ? 'a browser: apt-get install --no-install-recommends chromium' : false

const IMAGE = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>'

test('in a browser: a page fetches what an <img> of it has left in the cache', { skip, timeout: 120_000 }, async () => {
  await using system = await startSystem()
  await using browser = await startBrowser(browserPath!)
  const pages = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<p>A page'))
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve))
  try {
    const origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`
    const api = await signInAsAdmin(system)
    const { bucket } = await home(api)
    const rules = `<CORSConfiguration><CORSRule><AllowedOrigin>${origin}</AllowedOrigin>
      <AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>`
    const put = await askStore(system, 'PUT', `/${bucket}`, { cors: '' }, rules)
    assert.equal(put.status, 200, put.text)
    await upload(api, bucket, 'a.svg', IMAGE, 'image/svg+xml')
    const { url } = await vend(api, { bucket, key: 'a.svg', operation: 'get' })

    const page = await browser.newPage()
    await page.goto(origin)
    const fetched = await page.evaluate(async (address) => {
      const image = new Image()
      image.src = address
      await image.decode()
      // As a browser does by itself with what was changed long ago, here without the wait.
      return fetch(address, { cache: 'force-cache' }).then((answer) => answer.text(), String)
    }, url)
    assert.equal(fetched, IMAGE)
  } finally {
    pages.close()
    pages.closeAllConnections()
  }
})
