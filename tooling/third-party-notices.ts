/** The licences of the packages that a built program contains. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Returns the notices of a build.
 *
 * @param built the folder of the build, with source maps, which name each file of each package in it
 * @param beside the folders of packages that go with the build
 * @throws Error if a package has no text of a licence
 */
export function noticesOf(built: string, beside: readonly string[]): string {
  const maps = readdirSync(built).filter((name) => name.endsWith('.map'));
  const sources = maps.flatMap((name) => JSON.parse(readFileSync(join(built, name), 'utf8')).sources as string[]);
  const inside = sources.flatMap((source) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(source)?.[0] ?? []);
  const folders = new Set([...inside.map((folder) => join(built, folder)), ...beside]);
  const notices = new Map([...folders].map(noticeOf));
  const texts = [...notices].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  return `This program contains the following packages.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

function noticeOf(folder: string): readonly [string, string] {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)(\.(md|txt))?$/i.test(entry));
  if (file === undefined) throw new Error(`${name} has no text of its licence (${license}) in ${folder}.`);
  // The Apache License wants its NOTICE to go with it.
  const notice = readdirSync(folder).filter((entry) => /^notice(\.(md|txt))?$/i.test(entry));
  const texts = [file, ...notice].map((each) =>
    readFileSync(join(folder, each), 'utf8').replaceAll('\r\n', '\n').trim(),
  );
  return [`${name}@${version}`, `${name} ${version} (${license})\n\n${texts.join('\n\n')}\n`];
}
