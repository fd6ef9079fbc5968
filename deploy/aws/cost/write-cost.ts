// node cost/write-cost.ts [--check]: the tables of cost in docs/guides/aws.md, from the templates that the stacks make now.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildApp } from '../build-app.ts'
import { monthlyCost, PRICES, S3_CLASSES, type Size, SIZES, type Template } from './monthly-cost.ts'

const GUIDE = new URL('../../../docs/guides/aws.md', import.meta.url)
const BLOCK = /(<!-- cost -->\n)([\s\S]*?)(<!-- \/cost -->)/
const SHAPES = ['SkyCrate', 'SkyCrateServerless'] as const
const { STANDARD, INTELLIGENT_TIERING } = S3_CLASSES as Record<
  'STANDARD' | 'INTELLIGENT_TIERING',
  (typeof S3_CLASSES)[string]
>
/** Share of files that nobody reads for 30 days. */
const COLD = 0.7
const LAST = ['files', 'files sent out']

/** Of the stacks as they are now, without an account. */
export function templatesOf(): Record<string, Template> {
  const outdir = mkdtempSync(join(tmpdir(), 'skycrate-cost-'))
  try {
    mkdirSync(join(outdir, 'code'))
    const { stacks } = buildApp({ outdir, code: join(outdir, 'code') }).synth()
    return Object.fromEntries(
      stacks.map(({ stackName, template }) => [stackName, (template as { Resources: Template }).Resources]),
    )
  } finally {
    rmSync(outdir, { recursive: true, force: true })
  }
}

const dollars = (value: number): string =>
  value < 10 ? value.toFixed(2) : value.toLocaleString('en', { maximumFractionDigits: 0 })
const sum = (bill: ReadonlyMap<string, number>): number => [...bill.values()].reduce((all, each) => all + each, 0)
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

export function costText(templates: Readonly<Record<string, Template>> = templatesOf()): string {
  const bill = (shape: string, size: Size): Map<string, number> =>
    monthlyCost([templates[shape]!, templates['SkyCrateEdge']!], size)
  const columns = SIZES.sizes.flatMap((size) => SHAPES.map((shape) => ({ size, bill: bill(shape, size) })))
  const parts = [...new Set(columns.flatMap((column) => [...column.bill.keys()]))]
  const ordered = [...parts.filter((part) => !LAST.includes(part)), ...LAST]
  const { perPerson, sizes } = SIZES
  const head = sizes.flatMap(({ name }) => [`${name}: servers`, 'serverless'])
  return [
    `US dollars a month, with list prices of ${PRICES.date} in ${PRICES.region} and no free tier. A person makes ${perPerson.requests.toLocaleString('en')} requests,`,
    `${perPerson.uploads} uploads and ${perPerson.downloads} downloads a month, stores ${perPerson.storedGB} GB and loads ${perPerson.outGB} GB. Sizes are in \`deploy/aws/cost/sizes.json\`, prices in`,
    '`deploy/aws/cost/prices.json`, those of files in `packages/core/src/economics/amazon-s3.json`; `node cost/write-cost.ts` in `deploy/aws` writes this',
    'from the templates. The prices were not fetched from AWS: check those that matter to you. Aurora is taken to be awake for',
    `${SIZES.sizes.map(({ awakeHours }) => awakeHours).join(', ')} hours a month; looking for jobs every hour wakes it for about 75 of them. Not counted: Container Insights, the image's`,
    'registry, support, taxes.',
    '',
    row(['', ...head]),
    row(['---', ...head.map(() => '---:')]),
    ...ordered.map((part) => row([part, ...columns.map((column) => dollars(column.bill.get(part) ?? 0))])),
    row(['**together**', ...columns.map((column) => `**${dollars(sum(column.bill))}**`)]),
    row(['a person', ...columns.map((column) => dollars(sum(column.bill) / column.size.people))]),
    '',
    'Ways to save, in dollars a month:',
    '',
    ...savings(templates, bill),
    '',
  ].join('\n')
}

/** Each is the difference of two bills, or of a part of one. */
function savings(
  templates: Readonly<Record<string, Template>>,
  bill: (shape: string, size: Size) => Map<string, number>,
): string[] {
  const { sizes } = SIZES
  const part = (name: string, share: number): string[] =>
    sizes.map((size) => dollars((bill('SkyCrate', size).get(name) ?? 0) * share))
  const changed = (change: (type: string, properties: Record<string, unknown>) => object | undefined): string[] => {
    const template = Object.fromEntries(
      Object.entries(templates['SkyCrate']!).flatMap(([id, { Type, Properties }]) => {
        const made = change(Type, Properties)
        return made === undefined ? [] : [[id, { Type, Properties: made }]]
      }),
    ) as Template
    return sizes.map((size) =>
      dollars(sum(bill('SkyCrate', size)) - sum(monthlyCost([template, templates['SkyCrateEdge']!], size))),
    )
  }
  const database = (more: object) =>
    changed((type, each) => (type === 'AWS::RDS::DBInstance' ? { ...each, ...more } : each))
  const rows = [
    [
      'The serverless shape instead of servers',
      ...sizes.map((size) => dollars(sum(bill('SkyCrate', size)) - sum(bill('SkyCrateServerless', size)))),
    ],
    ['All tasks on Fargate Spot: for trials, since AWS may end them', ...part('servers', 1 - PRICES.fargate.spotShare)],
    ['A smaller database (`db.t4g.small`)', ...database({ DBInstanceClass: 'db.t4g.small' })],
    ['No standby of the database: minutes to hours of downtime when it fails', ...database({ MultiAZ: false })],
    [
      'A reserved database for a year, nothing upfront',
      ...sizes.map(() =>
        dollars(2 * PRICES.database.instanceHour['db.t4g.medium'] * 730 * (1 - PRICES.database.reservedShare)),
      ),
    ],
    [
      'No NAT gateway, with IPv6 as in the serverless shape',
      ...changed((type, each) => (/NatGateway|EC2::EIP/.test(type) ? undefined : each)),
    ],
    [
      'Intelligent-Tiering, which the library bucket has after 30 days: with 70 % of files not read for 30 days',
      ...sizes.map((size) =>
        dollars(
          size.people *
            SIZES.perPerson.storedGB *
            COLD *
            (STANDARD.tiers[0]!.perGBMonth - INTELLIGENT_TIERING.idle![0]!.perGBMonth),
        ),
      ),
    ],
    [
      'Logs kept for 30 days instead of a year',
      ...sizes.map((size) =>
        dollars(
          ((size.people * SIZES.perPerson.requests * SIZES.logGBPerMillionRequests) / 1e6) * 11 * PRICES.logs.gbMonth,
        ),
      ),
    ],
  ]
  const head = ['', ...sizes.map(({ name }) => name)]
  return [row(head), row(['---', ...sizes.map(() => '---:')]), ...rows.map(row)]
}

export const written = (): string => BLOCK.exec(readFileSync(GUIDE, 'utf8'))?.[2] ?? ''

if (import.meta.main) {
  const text = readFileSync(GUIDE, 'utf8')
  const wanted = `\n${costText()}\n`
  if (process.argv.includes('--check')) process.exitCode = written() === wanted ? 0 : 1
  else
    writeFileSync(
      GUIDE,
      text.replace(BLOCK, (_all, open: string, _old, close: string) => `${open}${wanted}${close}`),
    )
}
