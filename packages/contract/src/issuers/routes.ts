import { recorded, type Route } from '../route.ts'
import { IdParams } from '../schemas.ts'
import { Issuer, IssuerReport, Issuers, IssuerTest, NewIssuer } from './schemas.ts'

export const ISSUERS_ROUTES = {
  listIssuers: {
    area: 'issuers',
    audience: 'admin',
    summary: 'The issuers whose tokens are accepted',
    success: { status: 200, body: Issuers },
    problems: ['forbidden', ...recorded],
  },
  createIssuer: {
    area: 'issuers',
    audience: 'admin',
    summary: 'Accept the tokens of an issuer',
    body: NewIssuer,
    success: { status: 201, body: Issuer },
    problems: ['invalid-request', 'forbidden', 'conflict', ...recorded],
  },
  issuer: {
    area: 'issuers',
    audience: 'admin',
    summary: 'An issuer',
    params: IdParams,
    versioned: true,
    success: { status: 200, body: Issuer },
    problems: ['invalid-request', 'forbidden', 'not-found', ...recorded],
  },
  updateIssuer: {
    area: 'issuers',
    audience: 'admin',
    summary: 'Replace an issuer’s settings; its URL stays',
    params: IdParams,
    body: NewIssuer,
    versioned: true,
    success: { status: 200, body: Issuer },
    problems: ['invalid-request', 'forbidden', 'not-found', 'conflict', 'precondition-failed', ...recorded],
  },
  deleteIssuer: {
    area: 'issuers',
    audience: 'admin',
    summary: 'Accept an issuer’s tokens no more. Its users stay',
    params: IdParams,
    versioned: true,
    success: { status: 204 },
    problems: ['invalid-request', 'forbidden', 'not-found', 'conflict', 'precondition-failed', ...recorded],
  },
  testIssuer: {
    area: 'issuers',
    audience: 'admin',
    summary: 'Explain an issuer’s discovery, its keys and, claim by claim, a token of it',
    body: IssuerTest,
    success: { status: 200, body: IssuerReport },
    problems: ['invalid-request', 'forbidden', 'not-found', ...recorded],
  },
} as const satisfies Record<string, Route>
