/** An ISO time as `<input type="datetime-local">` has it: this machine's own time, to the minute. */
export function localInput(iso: string | undefined): string {
  if (iso === undefined) return ''
  const date = new Date(iso)
  const two = (n: number): string => String(n).padStart(2, '0')
  const day = `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`
}
