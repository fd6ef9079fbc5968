import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keysOfPolicy } from './policy-keys.ts'
import { parsePolicy } from './parse-policy.ts'

test('every key that a policy turns on is found, whatever part of it names it', () => {
  const parsed = parsePolicy(
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: '*', Resource: ['arn:aws:s3:::b/${idp.example.com:sub}/*', 'arn:aws:s3:::b/${$}'] },
        {
          Effect: 'Deny',
          Action: '*',
          NotResource: "arn:aws:s3:::b/${aws:PrincipalTag/Team, 'none'}/*",
          Condition: {
            StringLike: { 's3:Prefix': ['${idp.example.com:Team}/*', 'public/*'] },
            Null: { 'aws:TokenIssueTime': 'false' },
          },
        },
      ],
    }),
    { kind: 'session' },
  )
  assert.ok(parsed.outcome === 'parsed')
  assert.deepEqual([...keysOfPolicy(parsed.policy)].toSorted(), [
    'aws:principaltag/Team',
    'aws:tokenissuetime',
    'idp.example.com:sub',
    'idp.example.com:team',
    's3:prefix',
  ])
})
