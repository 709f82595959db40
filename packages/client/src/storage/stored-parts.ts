/**
 * Takes the values out of a state that grow with the members of rooms, so that a save writes what has changed and not all of them.
 * A part is stored for itself, and stays as it is while few of its values differ: these differences are stored with the rest.
 */
import { type MapChanges, UserMap } from '@chat/room';
import { z } from 'zod';
import type { Stored } from './stored-state.ts';

/** A map of so many values at most is stored with the rest. */
const smallSize = 128;
/** Values in which a map may differ from its part before the part is stored anew. They take 14 to 60 kB. */
const maxChanges = 128;
/** A value whose JSON is no longer than this is stored with the rest. */
const smallLength = 32 * 1024;

/** A part, as the rest of the state names it. `put` and `gone` are how a map differs from it. */
const partName = z.strictObject({
  file: z.string().regex(/^[0-9a-f]{32}$/),
  put: z.array(z.tuple([z.string(), z.unknown()])).optional(),
  gone: z.array(z.string()).optional(),
});
const partNames = z.record(z.string(), partName);
type PartName = z.infer<typeof partName>;

/** A part that is stored. */
export interface StoredPart {
  /** Name of its file: 32 hexadecimal digits. */
  readonly file: string;
  /** The value that the file has. It never changes in place. */
  readonly value: object;
}

/** The stored parts by their place in the state, such as `rooms/ROOM/state/members`. */
export type StoredParts = ReadonlyMap<string, StoredPart>;

/** A state in parts. */
export interface SplitState {
  /** Everything that is not in parts, and the names of the parts. */
  readonly root: object;
  /** All parts to which `root` refers. */
  readonly parts: StoredParts;
}

/** Yields the values that may be large, with their places. */
function* largeValues({ pins, seenPrekeys, links, rooms }: Stored): Generator<[place: string, value: object]> {
  yield ['pins', pins];
  yield ['seenPrekeys', seenPrekeys];
  if (links !== undefined) {
    // Secret, and therefore always stored as a whole: nothing of what a link was before stays.
    yield ['links/senders', links.senders];
    yield ['links/recipients', links.recipients];
  }
  for (const [roomId, { heard, invitations, state }] of Object.entries(rooms)) {
    if (heard !== undefined) yield [`rooms/${roomId}/heard`, heard];
    if (invitations !== undefined) yield [`rooms/${roomId}/invitations`, invitations];
    for (const [field, value] of Object.entries(state)) {
      if (value instanceof UserMap) yield [`rooms/${roomId}/state/${field}`, value];
    }
  }
}

const noChanges: MapChanges<unknown> = { put: [], gone: [] };

/** Returns how a value differs from its part; null if the part is to be stored anew. */
function changesOf(value: object, before: object | undefined): MapChanges<unknown> | null {
  if (value === before) return noChanges;
  return value instanceof UserMap && before instanceof UserMap ? value.changesSince(before, maxChanges) : null;
}

/** A value of a list or record takes more than this, because it names a user by the fingerprint. */
const shortestValueLength = 64;

function isSmall(value: object): boolean {
  if (value instanceof UserMap) return value.size <= smallSize;
  // What has so many values is large, and its JSON need not be made twice.
  if (Object.keys(value).length > smallLength / shortestValueLength) return false;
  return JSON.stringify(value).length <= smallLength;
}

/** Returns the object with another value at a place. The objects on the way there are copied, and nothing else. */
function withValue(object: object, [field = '', ...rest]: readonly string[], value: unknown): object {
  const inner = rest.length === 0 ? value : withValue(Reflect.get(object, field) as object, rest, value);
  return { ...object, [field]: inner };
}

/**
 * Splits a state.
 *
 * @param stored the parts that are stored already
 * @param newFile returns the name of a file that does not exist
 */
export function splitState(state: Stored, stored: StoredParts, newFile: () => string): SplitState {
  const parts = new Map<string, StoredPart>();
  const names: Record<string, PartName> = {};
  let rest: object = state;
  for (const [place, value] of largeValues(state)) {
    const before = stored.get(place);
    if (value !== before?.value && isSmall(value)) continue;
    const changes = changesOf(value, before?.value);
    const part = before === undefined || changes === null ? { file: newFile(), value } : before;
    const { put, gone } = changes ?? noChanges;
    parts.set(place, part);
    names[place] = {
      file: part.file,
      ...(put.length === 0 ? {} : { put: put.map(([key, changed]) => [key, changed]) }),
      ...(gone.length === 0 ? {} : { gone: [...gone] }),
    };
    rest = withValue(rest, place.split('/'), null);
  }
  return { root: parts.size === 0 ? rest : { ...rest, parts: names }, parts };
}

/**
 * Puts a state together again.
 *
 * @param root what `JSON.parse` made of the `root` of a split state, or a state that was stored as a whole
 * @param read reads a part, as `JSON.parse` makes it
 * @returns the state for `readStored`, with maps at the places of maps, and the parts that are stored
 * @throws ZodError, TypeError when `root` is damaged; what `read` throws
 */
export async function joinState(
  root: unknown,
  read: (file: string) => Promise<unknown>,
): Promise<{ readonly state: unknown; readonly parts: StoredParts }> {
  const parts = new Map<string, StoredPart>();
  if (typeof root !== 'object' || root === null || !('parts' in root)) return { state: root, parts };
  const { parts: names, ...rest } = root;
  let state: object = rest;
  const found = await Promise.all(
    Object.entries(partNames.parse(names)).map(async ([place, name]) => ({ place, name, json: await read(name.file) })),
  );
  for (const { place, name, json } of found) {
    const value = isMap(place) ? UserMap.of(json as Readonly<Record<string, unknown>>) : (json as object);
    parts.set(place, { file: name.file, value });
    const { put = [], gone = [] } = name;
    state = withValue(state, place.split('/'), value instanceof UserMap ? value.changedBy({ put, gone }) : value);
  }
  return { state, parts };
}

/** True for the places at which a state has maps. */
const isMap = (place: string): boolean => !place.startsWith('links/') && !place.endsWith('/invitations');
