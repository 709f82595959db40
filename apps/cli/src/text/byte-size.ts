/** Sizes for people. */
const units = ['kB', 'MB', 'GB'] as const;

/** Returns a size such as `812 bytes`, `1.2 MB` or `34 MB`. */
export function byteSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
  let [value, unit] = [bytes / 1000, 0];
  // 999.95 kB would be shown as 1000 kB.
  while (value >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
