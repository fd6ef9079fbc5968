import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Api, apiOf, auditEvents, signInAsAdmin } from './api.ts'
import { freePort } from './free-port.ts'
import { headerOf, startMailServer, textOf } from './mail-server.ts'
import { poll } from './poll.ts'
import { startSystem } from './system.ts'

const PASSWORD = 'three wooden lanterns'

interface Outbox {
  readonly mails: readonly { id: string; at: string; to: string; subject: string; text: string; expiresAt: string }[]
  readonly nextCursor: string | null
}

interface MailState {
  readonly delivery: string
  readonly server: string | null
  readonly waiting: number
  readonly failed: number
  readonly lastSentAt: string | null
  readonly problem: { readonly code: string; readonly detail?: string } | null
}

const stateOf = async (api: Api): Promise<MailState> => (await api.get('/mail')).json<MailState>()
const invite = async (api: Api, email: string) => {
  const answer = await api.post('/users', { email, invite: true })
  assert.equal(answer.status, 201, answer.text)
  return answer.json<{ id: string; invitation: { link: string; token: string } }>()
}

test('without an SMTP server an invitation is in the outbox, which administrators alone read, and it is recorded', async () => {
  await using system = await startSystem()
  const admin = await signInAsAdmin(system)
  const { id, invitation } = await invite(admin, 'ada@skycrate.test')
  const outbox = (await admin.get('/mail/outbox')).json<Outbox>()
  const [mail] = outbox.mails
  assert.equal(outbox.mails.length, 1)
  assert.equal(mail!.to, 'ada@skycrate.test')
  assert.ok(mail!.text.includes(invitation.link))
  assert.ok(Date.parse(mail!.expiresAt) > Date.now())
  assert.equal((await stateOf(admin)).delivery, 'outbox')
  assert.equal((await admin.post('/mail/test', {})).json<{ code: string }>().code, 'conflict')

  const read = (await auditEvents(admin, '/audit/logs')).find(({ action }) => action === 'mail.read')
  assert.deepEqual((read as unknown as { detail: unknown }).detail, { mailIds: [mail!.id] })

  await admin.post(`/users/${id}/reset-password`, {})
  const page = (await admin.get('/mail/outbox?limit=1')).json<Outbox>()
  const rest = (await admin.get(`/mail/outbox?limit=1&cursor=${page.nextCursor}`)).json<Outbox>()
  assert.deepEqual([page.mails.length, rest.mails.map((each) => each.id)], [1, [mail!.id]])

  const token = (await admin.get('/mail/outbox')).json<Outbox>().mails[0]!.text.match(/#(\S+)/)![1]
  const accepted = await apiOf(system.url, undefined).post('/auth/accept-invitation', { token, password: PASSWORD })
  assert.equal(accepted.status, 200, accepted.text)
  const login = await apiOf(system.url, undefined).post('/auth/login', {
    email: 'ada@skycrate.test',
    password: PASSWORD,
  })
  const ada = apiOf(system.url, login.json<{ access_token: string }>().access_token)
  for (const answer of [await ada.get('/mail/outbox'), await ada.get('/mail'), await ada.post('/mail/test', {})]) {
    assert.equal(answer.status, 403)
  }
})

test('a mail server that is down delays mails, one that refuses ends them, and administrators see why', async () => {
  const port = await freePort()
  await using system = await startSystem({ env: { SKYCRATE_SMTP_URL: `smtp://127.0.0.1:${port}` } })
  const admin = await signInAsAdmin(system)
  const outbox = await admin.get('/mail/outbox')
  assert.equal(outbox.status, 404, 'there is no outbox with an SMTP server')

  await invite(admin, 'ada@skycrate.test')
  const down = await poll('the problem is told', 10_000, async () => {
    const state = await stateOf(admin)
    return state.problem !== null && state
  })
  assert.deepEqual([down.delivery, down.server, down.waiting], ['smtp', `127.0.0.1:${port}`, 1])
  assert.equal(down.problem?.code, 'mail-unavailable')
  assert.match(down.problem?.detail ?? '', /ECONNREFUSED/)
  const failed = await admin.post('/mail/test', {})
  assert.deepEqual([failed.status, failed.json<{ code: string }>().code], [503, 'mail-unavailable'])

  await using server = await startMailServer({ port, refuse: (to) => to.startsWith('nobody@') })
  await poll('the mail arrives', 30_000, () => server.mails.length > 0)
  const [mail] = server.mails
  assert.deepEqual(mail!.to, ['ada@skycrate.test'])
  assert.match(headerOf(mail!, 'from') ?? '', /^SkyCrate <skycrate@localhost>$/)
  assert.match(textOf(mail!), /\/invitation#skyi_[\w-]{43}/)
  const up = await poll('it is told to have been sent', 5000, async () => {
    const state = await stateOf(admin)
    return state.waiting === 0 && state
  })
  assert.equal(up.problem, null)
  assert.ok(up.lastSentAt !== null)

  const sent = await admin.post('/mail/test', { to: 'ops@skycrate.test' })
  assert.equal(sent.status, 200, sent.text)
  assert.match(sent.json<{ response: string }>().response, /^250 /)
  const refused = await admin.post('/mail/test', { to: 'nobody@skycrate.test' })
  assert.equal(refused.status, 502)
  assert.match(refused.json<{ detail: string }>().detail, /550 no such user/)
  for (const to of ['a@b.test,eve@evil.test', 'eve@evil.test\r\nBcc: x@y.test']) {
    assert.equal((await admin.post('/mail/test', { to })).status, 400, to)
  }

  await invite(admin, 'nobody@skycrate.test')
  const given = await poll('it is given up', 10_000, async () => {
    const state = await stateOf(admin)
    return state.failed > 0 && state
  })
  assert.deepEqual([given.failed, given.waiting, given.problem?.code], [1, 0, 'mail-refused'])
})

test('a process that is killed while the mail server answers sends the mail again, under the same Message-ID', async () => {
  await using server = await startMailServer()
  await using system = await startSystem({ env: { SKYCRATE_SMTP_URL: server.url } })
  const admin = await signInAsAdmin(system)
  const held = server.hold()
  await invite(admin, 'ada@skycrate.test')
  await held.arrived
  await system.kill9()
  held.letGo()
  await system.restart()
  await poll('it arrives again', 30_000, () => server.mails.length === 2)
  const [first, second] = server.mails.map((mail) => headerOf(mail, 'message-id'))
  assert.ok(first !== undefined)
  assert.equal(second, first)
  const state = await poll('it is done', 5000, async () => {
    const now = await stateOf(await signInAsAdmin(system))
    return now.waiting === 0 && now
  })
  assert.equal(state.failed, 0)
})
