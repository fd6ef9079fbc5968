import type { Api } from '@skycrate/conformance/api.ts'

const BATCH = 1000
const AT_ONCE = 32

/** Uploads files of one byte, `FOLDERfile 0000000.txt` and so on, as their user does. */
export async function fillFolder(api: Api, bucket: string, folder: string, files: number): Promise<void> {
  for (let at = 0; at < files; at += BATCH) await uploadBatch(api, bucket, folder, at, Math.min(BATCH, files - at))
}

async function uploadBatch(api: Api, bucket: string, folder: string, from: number, count: number): Promise<void> {
  const keys = Array.from({ length: count }, (_, i) => `${folder}file ${String(from + i).padStart(7, '0')}.txt`)
  const answer = await api.post('/s3/presigned-urls', {
    requests: keys.map((key) => ({ bucket, key, operation: 'put' })),
  })
  const { results } = answer.json<{ results: { url: string; headers: Record<string, string> }[] }>()
  let next = 0
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let each = results[next++]; each; each = results[next++]) {
        const put = await fetch(each.url, { method: 'PUT', headers: each.headers, body: 'x' })
        if (!put.ok) throw new Error(`the store answered ${put.status}`)
        await put.arrayBuffer()
      }
    }),
  )
}
