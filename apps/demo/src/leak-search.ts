/** Looks for texts and keys in everything that a server wrote, in every form in which they could stand there. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Sought {
  readonly what: string;
  readonly bytes: Uint8Array;
}

/** The bytes themselves, and what base64, base64url, hex and JSON make of them. */
function formsOf(bytes: Uint8Array): Buffer[] {
  const raw = Buffer.from(bytes);
  const texts = [
    raw.toString('base64').replace(/=+$/, ''),
    raw.toString('base64url'),
    raw.toString('hex'),
    raw.toString('hex').toUpperCase(),
    JSON.stringify(raw.toString('utf8')).slice(1, -1),
  ];
  return [raw, ...texts.map((text) => Buffer.from(text))];
}

export interface Finding {
  readonly place: string;
  readonly what: string;
}

export interface Search {
  readonly findings: readonly Finding[];
  readonly files: number;
  readonly bytes: number;
}

/** @param extra what was written elsewhere than to files, by name */
export async function searchEverything(
  directory: string,
  extra: Readonly<Record<string, string>>,
  sought: readonly Sought[],
): Promise<Search> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const places = [
    ...(await Promise.all(files.map(async (file) => ({ place: file, content: await readFile(file) })))),
    ...Object.entries(extra).map(([place, text]) => ({ place, content: Buffer.from(text) })),
  ];
  const findings = places.flatMap(({ place, content }) =>
    sought
      .filter(({ bytes }) => formsOf(bytes).some((form) => content.includes(form)))
      .map(({ what }) => ({ place, what })),
  );
  return { findings, files: files.length, bytes: places.reduce((sum, { content }) => sum + content.length, 0) };
}
