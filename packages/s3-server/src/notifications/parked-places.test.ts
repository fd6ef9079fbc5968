import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ParkedPlaces } from './parked-places.ts'

const PACE = { first: 10, most: 35 }

test('a place waits longer with each refusal, and starts anew once it was let go', () => {
  const parked = new ParkedPlaces()
  const due: (number | undefined)[] = []
  for (let at = 0; at < 4; at++) {
    parked.park('a', 100, PACE, 0)
    due.push(parked.nextDue())
  }
  assert.deepEqual(due, [110, 120, 135, 135])
  assert.ok(!parked.isDue('a', 134) && parked.isDue('a', 135))
  parked.release('a')
  assert.deepEqual([parked.has('a'), parked.nextDue()], [false, undefined])
  parked.park('a', 100, PACE, 0)
  assert.equal(parked.nextDue(), 110)
})

test('the first that is due is told, and those with nothing left are forgotten', () => {
  const parked = new ParkedPlaces()
  parked.park('late', 100, PACE, 0)
  parked.park('late', 100, PACE, 0)
  parked.park('soon', 100, PACE, 0)
  assert.equal(parked.nextDue(), 110)
  parked.keep((place) => place === 'late')
  assert.deepEqual([parked.size, parked.nextDue()], [1, 120])
})
