import AwsS3 from '@uppy/aws-s3'
import Uppy from '@uppy/core'
import { createRoot } from 'react-dom/client'
// The packed client, by an alias of the build, as is `guide`.
import { createUppySignRequest } from 'packed-client/adapters/uppy/uppy-s3'

// A page as an app would have it, of the samples of the guide: conformance/client-page.test.ts drives it.

const MEBIBYTE = 1024 ** 2

async function uploadWith(uppy: Uppy, name: string, size: number) {
  const data = new Blob([new Uint8Array(size).fill(7)], { type: 'text/plain' })
  uppy.addFile({ name, type: 'text/plain', data })
  const progress: number[] = []
  uppy.on('progress', (each) => progress.push(each))
  const result = await uppy.upload()
  return { successful: result?.successful?.length, failed: result?.failed?.map((file) => String(file.error)), progress }
}

const page = {
  async upload(name: string) {
    const { upload } = await import('guide/upload.mjs')
    // In parts.
    await upload(new File([new Uint8Array(17 * MEBIBYTE)], name))
    return localStorage.length
  },

  async uppySingle(name: string) {
    const { uppy } = await import('guide/uppy.mjs')
    return await uploadWith(uppy, name, 1000)
  },

  async uppyAt(bucket: string, prefix: string, name: string) {
    const { client } = await import('guide/client.mjs')
    const signRequest = createUppySignRequest(client, { bucket, prefix })
    const uppy = new Uppy().use(AwsS3, { shouldUseMultipart: false, signRequest } as never)
    return await uploadWith(uppy, name, 1000)
  },

  async uppyParts(name: string) {
    const { uppy } = await import('guide/uppy-parts.mjs')
    // From 100 MiB on by itself.
    uppy.getPlugin('AwsS3')!.setOptions({ shouldUseMultipart: true })
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

  async storageBrowser() {
    const { StorageBrowser } = await import('guide/storage-browser.tsx')
    createRoot(document.querySelector('#root')!).render(<StorageBrowser />)
  },
}

Object.assign(globalThis, { page })
