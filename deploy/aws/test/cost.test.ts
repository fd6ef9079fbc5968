import assert from 'node:assert/strict'
import { test } from 'node:test'
import { monthlyCost, SIZES, type Template } from '../cost/monthly-cost.ts'
import { costText, templatesOf, written } from '../cost/write-cost.ts'

const templates = templatesOf()
const [small] = SIZES.sizes

test('the tables of docs/guides/aws.md are those of the templates: node cost/write-cost.ts writes them', () => {
  assert.equal(written(), `\n${costText(templates)}\n`)
})

test('a resource whose price nobody has named is no resource for nothing', () => {
  const unknown: Template = { Lake: { Type: 'AWS::MemoryDB::Cluster', Properties: {} } }
  assert.throws(() => monthlyCost([unknown], small!), /no price of a AWS::MemoryDB::Cluster/)
})

test('a changed template is another bill', () => {
  const template = structuredClone(templates['SkyCrate']!)
  const nat = Object.keys(template).find((id) => template[id]!.Type === 'AWS::EC2::NatGateway')!
  const twice: Template = { ...template, Another: template[nat]! }
  const part = (each: Template): number => monthlyCost([each], small!).get('way out') ?? 0
  assert.equal(part(twice), 2 * part(template))
  assert.notEqual(costText({ ...templates, SkyCrate: twice }), costText(templates))
})

test('the serverless shape has no charge by the hour but that of a database that is awake', () => {
  const idle = { ...small!, people: 0, awakeHours: 0, databaseGB: 1 }
  const bill = monthlyCost([templates['SkyCrateServerless']!], idle)
  for (const part of ['servers', 'load balancer', 'way out', 'public addresses'])
    assert.equal(bill.get(part) ?? 0, 0, part)
  assert.ok([...bill.values()].reduce((all, each) => all + each, 0) < 15)
})
