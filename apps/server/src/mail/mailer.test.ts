import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { arriving } from '../accounts/test-accounts.ts'
import { testDatabase } from '../db/test-database.ts'
import { createJobs } from '../jobs/jobs.ts'
import { createSealing } from '../sealing.ts'
import { type MailAddress, parseMailAddress } from './mail-address.ts'
import { listMails } from './mail-rows.ts'
import { createMailer } from './mailer.ts'
import { SEND_MAIL, SEND_MAIL_OPTIONS, sendMailJob } from './send-mail-job.ts'
import { openSmtp, type Smtp } from './smtp.ts'

const ADA = parseMailAddress('ada@example.org')!
const FROM = { from: 'skycrate@example.org' as MailAddress, domain: 'example.org' }

async function testMailer(smtp?: Smtp) {
  await using stack = new AsyncDisposableStack()
  const database = stack.use(await testDatabase())
  const sealing = createSealing('a secret of at least 32 characters', 'skycrate mails')
  const jobs = createJobs({ database, logger: pino({ level: 'silent' }), now: Date.now, pollMs: 20 })
  stack.use(jobs)
  jobs.register(SEND_MAIL, sendMailJob({ database, sealing, smtp }), SEND_MAIL_OPTIONS)
  const mailer = createMailer({ jobs, sealing, now: Date.now })
  const mail = (to: MailAddress | null, ms = 60_000) => ({
    to,
    subject: 'Your code',
    text: 'It is 123456.',
    expiresAt: new Date(Date.now() + ms),
  })
  const kept = stack.move()
  return {
    database,
    sealing,
    jobs,
    mailer,
    mail,
    outbox: () => listMails(database, sealing, { limit: 10, before: undefined }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    if (await isTrue()) return
    await sleep(10)
  }
  throw new Error('waited in vain')
}

test('a mail comes with the commit of its transaction, and a rollback sends nothing', async () => {
  await using system = await testMailer()
  const { database, mailer, mail } = system
  const work = database.transaction(async (tx) => {
    await mailer.send(tx, mail(ADA))
    throw new Error('rolled back')
  })
  await assert.rejects(work, /rolled back/)
  assert.deepEqual(await database.query('select 1 from mails union all select 1 from jobs'), [])
  await database.transaction((tx) => mailer.send(tx, mail(ADA)))
  assert.deepEqual(
    (await system.outbox()).map(({ to, text }) => [to, text]),
    [[ADA, 'It is 123456.']],
  )
})

test('the database holds no code in plain text, and the outbox none that has expired', async () => {
  await using system = await testMailer()
  const { database, mailer, mail } = system
  await database.transaction((tx) => mailer.send(tx, mail(ADA)))
  const found = await database.query(
    `select 1 from mails m where m::text like '%123456%' or encode(sealed, 'escape') like '%123456%'
     union all select 1 from jobs where input::text like '%123456%'`,
  )
  assert.deepEqual(found, [])
  await database.query('update mails set expires_at = now()')
  assert.deepEqual(await system.outbox(), [])
})

test('a mail to nobody costs the same rows, is in no outbox, and is gone with its job', async () => {
  await using system = await testMailer()
  const { database, jobs, mailer, mail } = system
  await database.transaction((tx) => mailer.send(tx, mail(null)))
  const [counted] = await database.query(`select (select count(*) from mails)::int as mails,
    (select count(*) from jobs where kind = 'mail.send')::int as jobs`)
  assert.deepEqual(counted, { mails: 1, jobs: 1 })
  assert.deepEqual(await system.outbox(), [])
  await jobs.start()
  await until(async () => (await database.query('select 1 from mails')).length === 0)
})

test('a mail whose code has expired is not even tried', async () => {
  const server = { host: '127.0.0.1', port: 1, security: 'none', user: undefined, password: undefined } as const
  await using smtp = openSmtp(server, FROM)
  await using system = await testMailer(smtp)
  const { database, jobs, mailer, mail } = system
  await database.transaction((tx) => mailer.send(tx, mail(ADA, -1)))
  await jobs.start()
  await until(async () => (await database.query(`select 1 from jobs where state = 'failed'`)).length === 1)
  const [job] = await database.query(`select problem_code, attempts from jobs where kind = 'mail.send'`)
  assert.deepEqual(job, { problem_code: 'conflict', attempts: 1 })
})

test('a mail server that never answers leaves room for other jobs', async () => {
  const sockets = new Set<Socket>()
  const silent = createServer((socket) => void sockets.add(socket.on('error', () => undefined)))
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const server = { host: '127.0.0.1', port, security: 'none', user: undefined, password: undefined } as const
  await using smtp = openSmtp(server, FROM)
  await using system = await testMailer(smtp)
  await using open = new AsyncDisposableStack()
  open.defer(() => {
    for (const socket of sockets) socket.destroy()
    silent.close()
  })
  const { database, jobs, mailer, mail } = system
  const done = Promise.withResolvers<void>()
  jobs.register('test.other', async () => done.resolve())
  await database.transaction(async (tx) => {
    for (let i = 0; i < 10; i++) await mailer.send(tx, mail(ADA))
  })
  await jobs.start()
  await until(async () => sockets.size > 0)
  await jobs.enqueue('test.other', {}, { createdBy: null })
  await arriving(done.promise)
  const running = await database.query(`select 1 from jobs where kind = 'mail.send' and state = 'running'`)
  assert.ok(running.length <= 2, `${running.length} run`)
})
