/** A bar chart as SVG: one group for each task, bars in proportion to the fastest of the group. */
import { type Row, short } from './report.ts';

const colours = ['#1f6feb', '#8b949e', '#d29922', '#8957e5', '#2da44e', '#cf222e'];
const [label, bar, value, line, gap] = [150, 420, 220, 18, 14];

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

export function barChart(title: string, about: string, rows: readonly Row[]): string {
  const names = [...new Set(rows.flatMap(({ results }) => [...results.keys()]))];
  const parts: string[] = [];
  let y = 60;
  for (const { task, results } of rows) {
    const fastest = Math.max(...results.values());
    parts.push(`<text x="${label - 10}" y="${y + line - 4}" text-anchor="end">${escaped(task)}</text>`);
    for (const [name, operations] of results) {
      const width = Math.max(1, (operations / fastest) * bar);
      const colour = colours[names.indexOf(name) % colours.length];
      parts.push(`<rect x="${label}" y="${y + 2}" width="${width.toFixed(1)}" height="${line - 4}" fill="${colour}"/>`);
      parts.push(`<text x="${label + width + 6}" y="${y + line - 4}">${escaped(name)} ${short(operations)}/s</text>`);
      y += line;
    }
    y += gap;
  }
  const width = label + bar + value;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text x="10" y="24" font-size="18">${escaped(title)}</text>`,
    `<text x="10" y="42" fill="#57606a">${escaped(about)}</text>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}
