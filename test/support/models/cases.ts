/** The tables of `models/cases.json`: their cases and results, and the macros by which the models use them. */
import { read } from '../repository.ts';

/** Values by the name of their domain. */
export type Case = Readonly<Record<string, string>>;

/** One rule of a table. */
interface Row {
  /** The cases that the row is for: a value or several for a domain, any value for a domain that is not named. */
  readonly given: Readonly<Record<string, string | readonly string[]>>;
  /** The result. Null: these cases cannot occur. */
  readonly then: Case | null;
}

/** The rules for one decision. The first row that is for a case counts. */
interface Table {
  readonly what: string;
  /** The domains of the cases. */
  readonly given: readonly string[];
  /** The domains of the results. */
  readonly then: readonly string[];
  readonly rows: readonly Row[];
  /** Rows before the others in a model with that planted fault. */
  readonly faults?: Readonly<Record<string, readonly Row[]>>;
}

/** A fault that a model is made with, and the property that it breaks. */
export interface PlantedFault {
  readonly model: string;
  readonly name: string;
  readonly breaks: string;
  readonly what: string;
  /** The bounds in which spin finds it. Default: those of the model. */
  readonly bounds?: readonly string[];
  /** Events that lead to the breach, as spin has found them: the kind of the event, and the number that it is about. */
  readonly trail?: readonly string[];
}

interface Cases {
  /** The values of each domain. */
  readonly domains: Readonly<Record<string, readonly string[]>>;
  readonly tables: Readonly<Record<string, Table>>;
  /** What the models prove, by name. */
  readonly properties: Readonly<Record<string, string>>;
  readonly faults: readonly PlantedFault[];
}

export const cases = JSON.parse(read('models/cases.json')) as Cases;

/** Stands in a model for the result of a case that cannot occur. */
const impossible = 255;

function valuesOf(domain: string): readonly string[] {
  const values = cases.domains[domain];
  if (values === undefined) throw new Error(`There is no domain ${domain}.`);
  return values;
}

function tableOf(name: string): Table {
  const table = cases.tables[name];
  if (table === undefined) throw new Error(`There is no table ${name}.`);
  return table;
}

const isFor = (row: Row, given: Case): boolean =>
  Object.entries(row.given).every(([domain, values]) => [values].flat().includes(given[domain] ?? ''));

/** Returns all cases of a table. */
export function casesOf(name: string): Case[] {
  return tableOf(name).given.reduce<Case[]>(
    (all, domain) => all.flatMap((each) => valuesOf(domain).map((value) => ({ ...each, [domain]: value }))),
    [{}],
  );
}

/** Returns the result of a case; null if the case cannot occur. */
export function resultOf(name: string, given: Case): Case | null {
  const row = tableOf(name).rows.find((each) => isFor(each, given));
  if (row === undefined) throw new Error(`${name} has no row for ${JSON.stringify(given)}.`);
  return row.then;
}

/** Returns what is wrong with the tables: unknown domains and values, cases without a row, and rows for no case. */
export function faultsOfTables(): string[] {
  return Object.entries(cases.tables).flatMap(([name, { given, then, rows, faults = {} }]) => {
    const wrong = (where: string, part: Row['given'], domains: readonly string[]) =>
      Object.entries(part).flatMap(([domain, values]) =>
        [values].flat().flatMap((value) => {
          const isKnown = domains.includes(domain) && valuesOf(domain).includes(value);
          return isKnown ? [] : [`${name} ${where}: ${domain} ${value}`];
        }),
      );
    const all = casesOf(name);
    const used = new Set(all.map((each) => rows.findIndex((row) => isFor(row, each))));
    return [
      ...[...rows, ...Object.values(faults).flat()].flatMap((row, index) => [
        ...wrong(`row ${index}`, row.given, given),
        ...wrong(`row ${index}`, row.then ?? {}, then),
        ...(row.then === null || then.every((domain) => domain in (row.then ?? {})) ? [] : [`${name} row ${index}`]),
      ]),
      ...(used.has(-1) ? [`${name} has a case without a row`] : []),
      ...rows.flatMap((_, index) => (used.has(index) ? [] : [`${name} row ${index} is for no case`])),
    ];
  });
}

const constant = (domain: string, value: string): string => `${domain}_${value}`.replaceAll('-', '_');

function condition({ given }: Row): string {
  const parts = Object.entries(given).map(([domain, values]) => {
    const any = [values].flat().map((value) => `(${domain}_) == ${constant(domain, value)}`);
    return `(${any.join(' || ')})`;
  });
  return parts.length === 0 ? 'true' : parts.join(' && ');
}

/** Returns one macro for each result of a table: an expression of its case. */
function macrosOf(name: string, { given, then }: Table, rows: readonly Row[]): string[] {
  const parameters = given.map((domain) => `${domain}_`).join(', ');
  return then.map((domain) => {
    const expression = rows.reduceRight((rest, row) => {
      const value = row.then === null ? 'impossible' : constant(domain, row.then[domain] ?? '');
      return `(${condition(row)} -> ${value} : ${rest})`;
    }, 'impossible');
    return `#define ${name}_${domain}(${parameters}) ${expression}`;
  });
}

/** Returns an expression of `at`, which has the value of each place there. */
const listed = (values: readonly (string | number)[]): string =>
  values.reduceRight<string>((rest, value, place) => `((at) == ${place} -> ${value} : ${rest})`, 'impossible');

/** Returns the macros by which a model replays a trail. */
function replay(trail: readonly string[]): string[] {
  const events = trail.map((event) => event.split(' '));
  return [
    `#define script_length ${events.length}`,
    `#define script(at) ${listed(events.map(([kind = '']) => constant('event', kind)))}`,
    `#define script_about(at) ${listed(events.map(([, about]) => Number(about)))}`,
  ];
}

/**
 * Returns the tables as macros for the models, with those of each planted fault in its place.
 *
 * @param trail the events that a model made with `REPLAY` is to replay
 */
export function promela(trail: readonly string[] = []): string {
  const constants = Object.entries(cases.domains).flatMap(([domain, values]) =>
    values.map((value, index) => `#define ${constant(domain, value)} ${index}`),
  );
  const properties = Object.keys(cases.properties).map(
    (name, index) => `#define ${constant('property', name)} ${index + 1}`,
  );
  const macros = Object.entries(cases.tables).flatMap(([name, table]) => {
    const variants = Object.entries(table.faults ?? {}).map(([fault, rows]) => ({ fault, rows }));
    const branches = variants.flatMap(({ fault, rows }, index) => [
      `${index === 0 ? '#if' : '#elif'} defined(${fault})`,
      ...macrosOf(name, table, [...rows, ...table.rows]),
    ]);
    const sound = macrosOf(name, table, table.rows);
    return variants.length === 0 ? sound : [...branches, '#else', ...sound, '#endif'];
  });
  return [...constants, ...properties, `#define impossible ${impossible}`, ...macros, ...replay(trail), ''].join('\n');
}

/** Returns the name of the property with the number that a model prints. */
export const propertyOf = (number: number): string | undefined => Object.keys(cases.properties)[number - 1];
