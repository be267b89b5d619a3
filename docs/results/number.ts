// Numbers as the documentation shows them.

/** Three digits; thousands apart by a comma. */
export function short(value: number): string {
  if (value === 0) return '0'
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value)) + 1e-9))
  const text = value.toLocaleString('en-GB', { maximumFractionDigits: Math.min(digits, 6) })
  return text === '-0' ? '0' : text
}

/** With its unit, where it has one. */
export function withUnit(value: number, unit: string): string {
  return unit === '' ? short(value) : `${short(value)} ${unit}`
}
