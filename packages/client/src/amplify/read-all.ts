/** The body of an answer, told as it comes. */
export async function readAll(response: Response, onProgress: (loaded: number, total: number) => void): Promise<Blob> {
  const total = Number(response.headers.get('content-length') ?? 0)
  const type = response.headers.get('content-type') ?? ''
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let loaded = 0
  const reader = response.body?.getReader()
  for (;;) {
    const next = await reader?.read()
    if (next === undefined || next.done) return new Blob(chunks, { type })
    chunks.push(next.value as Uint8Array<ArrayBuffer>)
    loaded += next.value.length
    onProgress(loaded, total)
  }
}
