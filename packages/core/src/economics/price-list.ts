type Json = Readonly<Record<string, unknown>>

/** A class of a price file, as it is written. */
type Written = Record<string, unknown>

export interface ConvertedPrices {
  /** Of a region, in the form of a price file. */
  readonly classes: Readonly<Record<string, Written>>
  /** Charges that the list does not name, whose shipped amount stays: `STANDARD_IA.perThousandTransitions`. */
  readonly kept: readonly string[]
}

const CODES: Readonly<Record<string, string>> = {
  SIA: 'STANDARD_IA',
  ZIA: 'ONEZONE_IA',
  GIR: 'GLACIER_IR',
  GDA: 'DEEP_ARCHIVE',
  INT: 'INTELLIGENT_TIERING',
}
const AMOUNTS = /^(perGB|perThousand)/

/**
 * Takes the prices of a region out of AWS's public price list. Durations, least sizes and overheads are not in it: they come
 * from `shipped`, and so does each price that the list does not name.
 * @param list the parsed index.json of AmazonS3 in one region
 * @param shipped the classes of a region of the shipped file
 * @returns undefined for JSON that is no such list
 * @see https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-the-aws-price-list-bulk-api.html
 */
export function pricesOfList(list: unknown, shipped: Readonly<Record<string, Json>>): ConvertedPrices | undefined {
  const { products, terms } = objectOf(list)
  const onDemand = objectOf(objectOf(terms)['OnDemand'])
  if (products === undefined || Object.keys(onDemand).length === 0) return undefined
  const classes: Record<string, Written> = structuredClone(shipped) as Record<string, Written>
  const found = new Set<string>()
  const set = (name: string, charge: string, value: unknown): void => {
    const price = classes[name]
    if (price === undefined) return
    if (charge === 'tiers') delete price['perGBMonth']
    price[charge] = value
    found.add(`${name}.${charge}`)
  }
  for (const [sku, product] of Object.entries(objectOf(products))) {
    const usage = objectOf(objectOf(product)['attributes'])['usagetype']
    const dimensions = dimensionsOf(onDemand[sku])
    const first = dimensions[0]
    if (typeof usage !== 'string' || first === undefined) continue
    // Each region but the oldest has a prefix, such as USE2-.
    const type = usage.replace(/^[A-Z]{2,4}\d?-(?=TimedStorage|Requests|Retrieval|Monitoring)/, '')
    const tiers = dimensions.map(({ from, price }) => ({ fromGB: from, perGBMonth: price }))
    const [, code = '', tier = ''] = /^(?:TimedStorage|Requests|Retrieval)-(?:([A-Z]{3})-?)?(.*)$/.exec(type) ?? []
    const name = code === '' ? 'STANDARD' : CODES[code]
    if (type === 'TimedStorage-ByteHrs') set('STANDARD', 'tiers', tiers)
    else if (type === 'TimedStorage-GlacierByteHrs') set('GLACIER', 'tiers', tiers)
    else if (type === 'TimedStorage-INT-FA-ByteHrs') set('INTELLIGENT_TIERING', 'tiers', tiers)
    else if (type === 'Monitoring-Automation-INT')
      set('INTELLIGENT_TIERING', 'perThousandMonitored', first.price * 1000)
    else if (name === undefined) continue
    else if (type.startsWith('TimedStorage-') && tier === 'ByteHrs') set(name, 'tiers', tiers)
    else if (type.startsWith('Requests-') && tier === 'Tier1') set(name, 'perThousandPuts', first.price * 1000)
    else if (type.startsWith('Requests-') && tier === 'Tier2') set(name, 'perThousandGets', first.price * 1000)
    else if (type.startsWith('Retrieval-')) set(name, 'perGBRetrieved', first.price)
  }
  const idle = ['TimedStorage-INT-IA-ByteHrs', 'TimedStorage-INT-AIA-ByteHrs'].map((wanted) =>
    Object.entries(objectOf(products)).find(([, product]) => {
      const usage = objectOf(objectOf(product)['attributes'])['usagetype']
      return typeof usage === 'string' && usage.endsWith(wanted)
    }),
  )
  if (idle.every((each) => each !== undefined)) {
    const [infrequent, instant] = idle.map(([sku]) => dimensionsOf(onDemand[sku])[0]?.price ?? 0)
    set('INTELLIGENT_TIERING', 'idle', [
      { afterDays: 30, perGBMonth: infrequent },
      { afterDays: 90, perGBMonth: instant },
    ])
  }
  if (!found.has('STANDARD.tiers')) return undefined
  const kept = Object.entries(classes).flatMap(([name, price]) =>
    Object.keys(price)
      .filter((charge) => AMOUNTS.test(charge) || charge === 'tiers' || charge === 'idle')
      .map((charge) => `${name}.${charge}`)
      .filter((each) => !found.has(each)),
  )
  return { classes, kept }
}

const objectOf = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})

/** What an amount costs, by where it begins; ascending. */
function dimensionsOf(offers: unknown): { readonly from: number; readonly price: number }[] {
  return Object.values(objectOf(offers))
    .flatMap((offer) => Object.values(objectOf(objectOf(offer)['priceDimensions'])))
    .map((dimension) => {
      const { beginRange, pricePerUnit } = objectOf(dimension)
      return { from: Number(beginRange ?? 0), price: Number(objectOf(pricePerUnit)['USD']) }
    })
    .filter(({ from, price }) => Number.isFinite(from) && Number.isFinite(price))
    .toSorted((a, b) => a.from - b.from)
}
