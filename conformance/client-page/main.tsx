import { Amplify } from 'aws-amplify'
import { createStorageBrowser } from '@aws-amplify/ui-react-storage/browser'
import '@aws-amplify/ui-react-storage/styles.css'
import AwsS3 from '@uppy/aws-s3'
import Uppy from '@uppy/core'
import { createRoot } from 'react-dom/client'
// The packed client, by an alias of the build.
import { createClient } from 'packed-client/client'
import { createStorageBrowserConfig } from 'packed-client/adapters/storage-browser/storage-browser-config'
import { createUppyCredentials, createUppySignRequest } from 'packed-client/adapters/uppy/uppy-s3'

// A page as an app would have it, without a design: conformance/client-page.test.ts drives it.

interface Setup {
  readonly baseUrl: string
  readonly email: string
  readonly password: string
  /** Host of the store, behind https. */
  readonly endpoint: string
}

const MEBIBYTE = 1024 ** 2

async function signIn({ baseUrl, email, password }: Setup) {
  const client = createClient({ baseUrl })
  await client.login({ email, password })
  return client
}

async function uploadWith(uppy: Uppy, name: string, size: number) {
  const data = new Blob([new Uint8Array(size).fill(7)], { type: 'text/plain' })
  uppy.addFile({ name, type: 'text/plain', data })
  const progress: number[] = []
  uppy.on('progress', (each) => progress.push(each))
  const result = await uppy.upload()
  return { successful: result?.successful?.length, failed: result?.failed?.map((file) => String(file.error)), progress }
}

const page = {
  async uppySingle(setup: Setup, bucket: string, prefix: string, name: string) {
    const signRequest = createUppySignRequest(await signIn(setup), { bucket, prefix })
    const uppy = new Uppy().use(AwsS3, { shouldUseMultipart: false, signRequest } as never)
    return await uploadWith(uppy, name, 1000)
  },

  async uppyParts(setup: Setup, bucket: string, prefix: string, name: string) {
    const options = await createUppyCredentials(await signIn(setup), { bucket, prefix })
    const uppy = new Uppy().use(AwsS3, { ...options, shouldUseMultipart: true } as never)
    let paused = false
    uppy.on('upload-progress', (file, { bytesUploaded }) => {
      if (!file || bytesUploaded < 5 * MEBIBYTE || paused) return
      paused = true
      uppy.pauseResume(file.id)
      setTimeout(() => uppy.pauseResume(file.id), 200)
    })
    const result = await uploadWith(uppy, name, 12 * MEBIBYTE)
    return { ...result, paused }
  },

  async storageBrowser(setup: Setup) {
    const client = await signIn(setup)
    Amplify.configure({})
    const config = createStorageBrowserConfig(client, { region: 'us-east-1', endpoint: setup.endpoint })
    const { StorageBrowser } = createStorageBrowser({ config: config as never })
    createRoot(document.querySelector('#root')!).render(<StorageBrowser />)
  },
}

Object.assign(globalThis, { page })
