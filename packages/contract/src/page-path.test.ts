import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePagePath } from './page-path.ts'

for (const next of [
  '/',
  '/files',
  '/files?folder=a%2Fb%2F',
  '/locations/team-files?prefix=%2F%2Fevil.example%2F',
  '/admin/audit?from=2026-11-01T00%3A00%3A00.000Z&outcome=deny',
  '/admin/users/usr_01m8m6z3m7jw3tngqhasgbdx6z#top',
]) {
  test(`${next} is followed`, () => assert.equal(parsePagePath(next), next))
}

for (const next of [
  undefined,
  1,
  '',
  'files',
  'https://evil.example/',
  'HTTPS:evil.example',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '\t//evil.example',
  '/\n/evil.example',
  '/\r\n//evil.example',
  '/.//evil.example',
  '/..//evil.example',
  '/files/..//evil.example',
  '/files//evil.example',
  '/%2Fevil.example',
  '/%2F%2Fevil.example',
  '/%252F%252Fevil.example',
  '/%5Cevil.example',
  '/%09/evil.example',
  '/@evil.example',
  '/files@evil.example',
  'javascript:alert(1)',
  ' /files',
  '/files\\..\\..\\evil',
]) {
  test(`${JSON.stringify(next)} is not followed`, () => assert.equal(parsePagePath(next), undefined))
}
