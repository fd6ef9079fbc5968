/** Why a signature is refused. S3 tells which region it expects; the message says so too, since clients show little else. */
export const sayRefusal = (message: string, details: Readonly<Record<string, string>> | undefined): string => {
  const region = details?.['Region']
  if (region === undefined) return message
  return `${message.replace(/\.$/, '')}; expecting '${region}'. Set this region in the client.`
}
