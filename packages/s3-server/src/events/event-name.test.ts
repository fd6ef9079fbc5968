import assert from 'node:assert/strict'
import { test } from 'node:test'
import { coversEvent, EVENT_NAMES, isEventType } from './event-name.ts'

test('every event may be asked for by its name, and by its family where it has one', () => {
  for (const name of EVENT_NAMES) {
    assert.ok(isEventType(`s3:${name}`), name)
    assert.ok(coversEvent(`s3:${name}`, name), name)
    const [family = ''] = name.split(':', 1)
    assert.equal(isEventType(`s3:${family}:*`), name.includes(':'), name)
    assert.equal(coversEvent(`s3:${family}:*`, name), name.includes(':'), name)
  }
})

test('what is no event, or not one that is raised here, may not', () => {
  const wrong = [
    '',
    's3:',
    's3:*',
    '*',
    'ObjectCreated:Put',
    's3:ObjectCreated',
    's3:objectcreated:put',
    's3:ObjectAcl:Put',
  ]
  for (const type of [...wrong, 's3:LifecycleTransition:*', 's3:Object*', 's3:TestEvent', 's3:ObjectCreated:Put ']) {
    assert.ok(!isEventType(type), type)
  }
})

test('a type is about its own events alone', () => {
  assert.ok(!coversEvent('s3:ObjectCreated:Put', 'ObjectCreated:Post'))
  assert.ok(!coversEvent('s3:ObjectRemoved:Delete', 'ObjectRemoved:DeleteMarkerCreated'))
  assert.ok(!coversEvent('s3:ObjectRemoved:*', 'ObjectCreated:Put'))
})
