/** Something on both sides of the last @, and nothing that can't be seen. */
export function isEmail(text: string): boolean {
  return text.isWellFormed() && /^[^\s\p{Cc}\p{Cf}]+@[^\s\p{Cc}\p{Cf}@]+$/u.test(text)
}
