/** Searches everything that a server wrote for texts and keys, in several encodings. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes that must not be found. */
export interface Secret {
  /** A name for reports. */
  readonly what: string;
  readonly bytes: Uint8Array;
}

/** Returns the bytes themselves, and their forms in base64, base64url, hexadecimal and JSON. */
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

/** A secret that was found. */
export interface Finding {
  /** A file, or the name of another output. */
  readonly place: string;
  readonly what: string;
}

/** The result of a search. */
export interface Search {
  readonly findings: readonly Finding[];
  /** The number of files searched. */
  readonly files: number;
  /** The number of bytes searched. */
  readonly bytes: number;
}

/**
 * Searches all files below a directory.
 *
 * @param outputs further texts to search, by name
 */
export async function searchEverything(
  directory: string,
  outputs: Readonly<Record<string, string>>,
  secrets: readonly Secret[],
): Promise<Search> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const places = [
    ...(await Promise.all(files.map(async (file) => ({ place: file, content: await readFile(file) })))),
    ...Object.entries(outputs).map(([place, text]) => ({ place, content: Buffer.from(text) })),
  ];
  const findings = places.flatMap(({ place, content }) =>
    secrets
      .filter(({ bytes }) => formsOf(bytes).some((form) => content.includes(form)))
      .map(({ what }) => ({ place, what })),
  );
  return { findings, files: files.length, bytes: places.reduce((sum, { content }) => sum + content.length, 0) };
}
