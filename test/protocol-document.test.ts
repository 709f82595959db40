/** The tables of docs/protocol.md agree with the code: codes, limits, operations, pushes, payloads, violations. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCodes, fromHex, limits, operations, protocolVersion, push, signedEntry } from '@chat/protocol';
import { defaultLimits } from '@chat/server-core';
import { describe, expect, test } from 'vitest';
import { codesIn, type Table, tablesOf } from './support/markdown-table.ts';
import { fieldsOf as payloadFields } from './support/payload-fields.ts';
import type { RoomExample } from './support/vectors/room-example.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const text = read('docs/protocol.md');
const tables = tablesOf(text);

const tablesWith = (column: string): readonly Table[] => tables.filter(({ columns }) => columns[0] === column);
const rowsOf = (column: string) => tablesWith(column).flatMap(({ rows }) => rows);
/** Returns the cells of the other columns by the code of the first. */
const byCode = (column: string) => new Map(rowsOf(column).map(([first, ...rest]) => [codesIn(first)[0] ?? '', rest]));

/** Returns a schema's fields as the document writes them. */
const fieldsOf = ({
  shape,
}: {
  readonly shape: Readonly<Record<string, { safeParse(value: undefined): { success: boolean } }>>;
}) => Object.entries(shape).map(([name, field]) => (field.safeParse(undefined).success ? `${name}?` : name));

describe('docs/protocol.md', () => {
  test('describes this version', () => {
    expect(text).toContain(`# The protocol, version ${protocolVersion}\n`);
  });

  test('contains every error code', () => {
    expect([...byCode('Code').keys()].sort()).toEqual([...errorCodes].sort());
  });

  test('contains every violation', () => {
    const union = /export type ViolationCode =([\s\S]*?);/.exec(read('packages/room/src/event.ts'))?.[1] ?? '';
    const codes = [...union.matchAll(/\| '([a-z-]+)'/g)].map(([, code]) => code);
    expect(codes.length).toBeGreaterThan(10);
    expect([...byCode('Violation').keys()].sort()).toEqual(codes.sort());
  });

  test('contains every limit and its value', () => {
    const [common, server] = tablesWith('Limit').map(({ rows }) =>
      Object.fromEntries(rows.map(([name, value]) => [codesIn(name)[0], Number(value)])),
    );
    expect(common).toEqual(limits);
    expect(server).toEqual(defaultLimits);
  });

  test('contains every operation with its fields', () => {
    const documented = Object.fromEntries(
      [...byCode('Operation')].map(([name, [request, answer]]) => [name, [codesIn(request), codesIn(answer)]]),
    );
    const actual = Object.entries(operations).map(([name, { request, result }]) => [
      name,
      [fieldsOf(request), fieldsOf(result)],
    ]);
    expect(documented).toEqual(Object.fromEntries(actual));
  });

  test('contains every push with its fields', () => {
    const documented = Object.fromEntries([...byCode('Push')].map(([kind, [fields]]) => [kind, codesIn(fields)]));
    const actual = push.options.map((option) => [
      option.shape.push.value,
      fieldsOf(option).filter((name) => name !== 'push'),
    ]);
    expect(documented).toEqual(Object.fromEntries(actual));
  });

  test('contains every entry type with its fields and its domain', () => {
    const documented = new Map([...byCode('Type')].map(([type, [fields]]) => [type, codesIn(fields)]));
    expect([...documented.keys()]).toEqual(signedEntry.shape.type.options);
    const logs = ['conversation', 'admission', 'pair'].map(
      (name): RoomExample => JSON.parse(read(`vectors/${name}.json`)),
    );
    const used = new Set<string>();
    for (const { entry } of logs.flatMap(({ entries }) => entries)) {
      const fields = documented.get(entry.type) ?? [];
      const names = Object.keys(payloadFields(fromHex(entry.payload)));
      // The layout of a message has no field for its type.
      const actual = entry.type === 'message' ? names.filter((name) => name !== 'type') : names;
      const possible = fields.map((field) => field.replace('?', ''));
      expect(possible, entry.type).toEqual(expect.arrayContaining(actual));
      expect(actual, entry.type).toEqual(expect.arrayContaining(fields.filter((field) => !field.endsWith('?'))));
      for (const field of actual) used.add(`${entry.type} ${field}`);
    }
    const all = [...documented].flatMap(([type, fields]) => fields.map((field) => `${type} ${field.replace('?', '')}`));
    expect([...used].sort()).toEqual(all.sort());
    const purposes = rowsOf('Purpose').flatMap(([purpose]) => codesIn(purpose));
    for (const type of documented.keys()) expect(purposes).toContain(`room.${type}`);
  });

  test('names only sections that exist', () => {
    const sections = new Set([...text.matchAll(/^## (\d+)\./gm)].map(([, number]) => number));
    const named = [...text.matchAll(/(?<!RFC \d+, )sections? (\d+)/g)].map(([, number]) => number);
    expect(named.length).toBeGreaterThan(10);
    for (const number of named) expect(sections, `section ${number}`).toContain(number);
  });
});
