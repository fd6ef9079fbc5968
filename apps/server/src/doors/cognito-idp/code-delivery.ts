/** Where a code goes, as Cognito says it: made of what was asked for alone. */
export function codeDelivery(email: string): object {
  const [local = '', domain = ''] = email.trim().split('@')
  const first = (part: string): string => Array.from(part)[0] ?? ''
  return {
    AttributeName: 'email',
    DeliveryMedium: 'EMAIL',
    Destination: `${first(local)}***@${first(domain)}***`,
  }
}
