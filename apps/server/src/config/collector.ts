import type { Parsed } from './setting.ts'

/** A URL to which traces are posted, kept without a trailing slash. */
export const collector = (value: string): Parsed<string> => {
  const url = URL.parse(value)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username || url.search || url.hash) {
    return { mistake: 'must be a URL such as http://localhost:4318, without query or user' }
  }
  return { value: url.href.replace(/\/+$/, '') }
}

/** `name=value,name=value`, as the specification of the exporter has it. */
export const collectorHeaders = (value: string): Parsed<Readonly<Record<string, string>>> => {
  const mistake = { mistake: 'must be name=value pairs, separated by commas' }
  const headers: Record<string, string> = {}
  for (const pair of value.split(',').filter((each) => each.trim() !== '')) {
    const [, name, text] = /^\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? []
    if (name === undefined || text === undefined) return mistake
    try {
      headers[name.toLowerCase()] = decodeURIComponent(text)
    } catch {
      return mistake
    }
  }
  return { value: headers }
}

export const share = (value: string): Parsed<number> =>
  /^(0|1|0?\.\d+|1\.0+|0\.0+)$/.test(value) ? { value: Number(value) } : { mistake: 'must be a number from 0 to 1' }
