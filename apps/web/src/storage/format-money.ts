/** Three digits after the point for what is below one, since a cent may be a hundred gigabytes. */
export function formatMoney(amount: number, currency: string): string {
  const digits = Math.abs(amount) < 1 ? 3 : 2
  if (amount > 0 && amount < 0.001) return `under ${formatMoney(0.001, currency)}`
  return new Intl.NumberFormat(undefined, {
    style: 'currency',
    currency,
    minimumFractionDigits: 2,
    maximumFractionDigits: digits,
  }).format(amount)
}
