/** How long something still takes, as a person would say it: `less than a minute`, `4 min`, `2 h 10 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 45) return 'less than a minute'
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.round(hours / 24)} days`
}
