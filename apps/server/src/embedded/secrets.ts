import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'

/** What the embedded mode makes up for itself, once. */
export interface EmbeddedSecrets {
  /** Seals the private keys of tokens. */
  readonly secret: string
  readonly s3AccessKeyId: string
  readonly s3SecretAccessKey: string
}

const FILE = 'secrets.json'
/** What is made after the secrets, and can't be used without them. */
const DATA = ['s3', 'postgres']

/**
 * The secrets of a data folder, made at its first start and readable by its owner alone.
 * @throws Error when the file is damaged, or missing beside data: a new one would lock out what was sealed with the old one
 */
export async function embeddedSecrets(dataDir: string): Promise<EmbeddedSecrets> {
  const path = join(dataDir, FILE)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const data = DATA.find((name) => existsSync(join(dataDir, name)))
    if (data === undefined) return create(dataDir, path)
    throw new Error(
      `${path} is missing, but ${join(dataDir, data)} has data that needs it: put it back from a backup, or set SKYCRATE_DATA to an empty folder to begin anew`,
      { cause: error },
    )
  }
  const secrets = parse(text)
  if (!secrets)
    throw new Error(`${path} is damaged: put it back from a backup (what it sealed cannot be opened without it)`)
  return secrets
}

function parse(text: string): EmbeddedSecrets | undefined {
  try {
    const value = JSON.parse(text) as Partial<EmbeddedSecrets>
    const { secret, s3AccessKeyId, s3SecretAccessKey } = value
    return secret && s3AccessKeyId && s3SecretAccessKey ? { secret, s3AccessKeyId, s3SecretAccessKey } : undefined
  } catch {
    return undefined
  }
}

async function create(dataDir: string, path: string): Promise<EmbeddedSecrets> {
  const secrets: EmbeddedSecrets = {
    secret: randomBytes(32).toString('base64url'),
    s3AccessKeyId: `SKY${randomBytes(10).toString('hex').toUpperCase().slice(0, 17)}`,
    s3SecretAccessKey: randomBytes(30).toString('base64'),
  }
  const temporary = `${path}.${process.pid}`
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(`${JSON.stringify(secrets, null, 2)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
  const folder = await open(dataDir, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
  return secrets
}
