import { Readable } from 'node:stream'
import { brotliCompress, constants, createBrotliCompress, createGzip, gzip } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** Bytes below which an answer gains nothing: it fits into one packet as it is. */
const WORTH_BYTES = 1024

/** Documents and lists. Files of the web app are compressed when it is built. */
const COMPRESSIBLE =
  /^(?:application\/(?:[\w.-]+\+)?json|application\/(?:jsonl|x-ndjson)|text\/(?:csv|plain|markdown))\b/

/** Between the speed of one and the size of the other; at higher levels the processor is slower than the network. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }

/** Compresses the answers that are worth it, where the client can read that. */
export function compressAnswers(app: FastifyInstance): void {
  app.addHook('onSend', (request: FastifyRequest, reply: FastifyReply, payload: unknown, done) => {
    const isStream = payload instanceof Readable
    if (!isStream && !(isText(payload) && payload.length >= WORTH_BYTES)) return done(null, payload)
    const type = String(reply.getHeader('content-type') ?? '')
    const untouched = reply.getHeader('content-encoding') === undefined && reply.statusCode !== 206
    if (!COMPRESSIBLE.test(type) || !untouched || request.method === 'HEAD') return done(null, payload)

    vary(reply)
    const encoding = chosenEncoding(request.headers['accept-encoding'])
    if (encoding === undefined) return done(null, payload)
    const apply = (compressed: unknown): void => {
      reply.header('content-encoding', encoding).removeHeader('content-length')
      done(null, compressed)
    }
    if (isStream) {
      const through = encoding === 'br' ? createBrotliCompress(BROTLI) : createGzip()
      // Whoever ends early ends the other as well, so that neither a file nor a query stays open.
      payload.once('error', (error) => through.destroy(error))
      through.once('close', () => payload.destroy())
      return apply(payload.pipe(through))
    }
    const finish = (error: Error | null, compressed: Buffer): void => (error ? done(error) : apply(compressed))
    if (encoding === 'br') brotliCompress(payload, BROTLI, finish)
    else gzip(payload, finish)
  })
}

const isText = (payload: unknown): payload is string | Buffer => typeof payload === 'string' || Buffer.isBuffer(payload)

/** So that no cache gives the compressed form to who cannot read it. */
function vary(reply: FastifyReply): void {
  const before = reply.getHeader('vary')
  reply.header('vary', before === undefined ? 'accept-encoding' : `${String(before)}, accept-encoding`)
}

/** @see RFC 9110 section 12.5.3 */
function chosenEncoding(accepted: string | string[] | undefined): 'br' | 'gzip' | undefined {
  const weights = new Map<string, number>()
  for (const part of String(accepted ?? '').split(',')) {
    const [name = '', ...parameters] = part.split(';').map((each) => each.trim().toLowerCase())
    const q = parameters.find((each) => each.startsWith('q='))?.slice(2)
    weights.set(name, q === undefined ? 1 : Number(q) || 0)
  }
  const weight = (name: string): number => weights.get(name) ?? weights.get('*') ?? 0
  const [br, gz] = [weight('br'), weight('gzip')]
  if (br === 0 && gz === 0) return undefined
  return br >= gz ? 'br' : 'gzip'
}
