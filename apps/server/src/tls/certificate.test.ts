import assert from 'node:assert/strict'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pino } from 'pino'
import { type Certificate, type CertificateFiles, readCertificate } from './certificate.ts'
import { testCertificate } from './test-certificate.ts'
import { watchCertificate } from './watch-certificate.ts'

const filesIn = (folder: string): CertificateFiles => ({
  cert: join(folder, 'chain.pem'),
  key: join(folder, 'key.pem'),
  settings: { cert: 'SKYCRATE_TLS_CERT', key: 'SKYCRATE_TLS_KEY' },
})

async function write(files: CertificateFiles, { cert, key }: Partial<Certificate>): Promise<void> {
  if (cert !== undefined) await writeFile(files.cert, cert)
  if (key !== undefined) await writeFile(files.key, key)
}

const one = testCertificate('one.example.com')
const two = testCertificate('two.example.com')

test('files that are no pair are refused, with the setting and what is wrong', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'skycrate-tls-'))
  const files = filesIn(folder.path)
  await assert.rejects(readCertificate(files), /^Error: SKYCRATE_TLS_CERT \(.*\) cannot be read: ENOENT/)
  for (const [pair, expected] of [
    [{ cert: one.cert, key: two.key }, /SKYCRATE_TLS_KEY \(.*\) is not the key of the first certificate/],
    [{ cert: '', key: one.key }, /SKYCRATE_TLS_CERT \(.*\) is no certificate in PEM/],
    [{ cert: one.cert, key: '' }, /SKYCRATE_TLS_KEY \(.*\) is no private key in PEM/],
    [{ cert: one.key, key: one.key }, /SKYCRATE_TLS_CERT \(.*\) is no certificate in PEM/],
    [{ cert: `${one.cert}${one.cert.replace('MI', 'XX')}`, key: one.key }, /SKYCRATE_TLS_CERT \(.*\) cannot be used/],
  ] as const) {
    await write(files, pair)
    await assert.rejects(readCertificate(files), expected)
  }
  await write(files, { cert: `${one.cert}${two.cert}`, key: one.key })
  assert.equal((await readCertificate(files)).key, one.key)
})

test('a renewed pair is taken up once, and half of one is told once and changes nothing', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'skycrate-tls-'))
  const files = filesIn(folder.path)
  await write(files, one)
  const lines: string[] = []
  const logger = pino({}, { write: (line: string) => void lines.push(line) })
  const taken: string[] = []
  using watch = watchCertificate({ files, inUse: one, take: ({ cert }) => void taken.push(cert), logger })

  await watch.look()
  assert.deepEqual([taken, lines], [[], []])
  await write(files, { cert: two.cert })
  await watch.look()
  await watch.look()
  assert.deepEqual(taken, [])
  assert.equal(lines.length, 1)
  assert.match(lines[0]!, /the one before stays in use/)
  await write(files, { key: two.key })
  await watch.look()
  await watch.look()
  assert.deepEqual(taken, [two.cert])
  assert.equal(lines.length, 2)
  assert.match(lines[1]!, /took up a certificate/)
})
