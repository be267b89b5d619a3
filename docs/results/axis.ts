// An axis of a plot: from values to positions, and where its marks are.

export interface Scale {
  /** 0 at the start of the axis, 1 at its end. */
  position(value: number): number
  readonly marks: readonly number[]
}

/** Values over two decades want a logarithmic axis, which shows nothing below or at 0. */
export function scaleFor(values: readonly number[], from?: number): Scale {
  const least = Math.min(...values, from ?? Infinity)
  const most = Math.max(...values)
  return least > 0 && most / least >= 30 ? logarithmic(least, most) : linear(from ?? Math.min(0, least), most)
}

function logarithmic(least: number, most: number): Scale {
  const [start, end] = [Math.floor(Math.log10(least) + 1e-9), Math.ceil(Math.log10(most) - 1e-9)]
  const span = Math.max(1, end - start)
  const marks = Array.from({ length: span + 1 }, (_, index) => 10 ** (start + index))
  return { position: (value) => (Math.log10(value) - start) / span, marks }
}

function linear(from: number, most: number): Scale {
  const step = niceStep((most - from || 1) / 5)
  const start = Math.floor(from / step) * step
  const count = Math.max(1, Math.ceil((most - start) / step - 1e-9))
  const marks = Array.from({ length: count + 1 }, (_, index) => Number((start + index * step).toPrecision(12)))
  return { position: (value) => (value - start) / (count * step), marks }
}

/** 1, 2 or 5 times a power of ten, at least `rough`. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  return ([1, 2, 5].find((each) => each * power >= rough - 1e-12) ?? 10) * power
}
