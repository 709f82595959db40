/**
 * What a copy of a library must do, wherever it runs: these modules are bundled for browsers and for the machine's own
 * Node, so they name nothing of Node. What goes from one copy to another is JSON, with bytes in hexadecimal.
 */

export interface Conformance<Made> {
  /** Each throws, or rejects, if it does not hold. */
  readonly checks: Readonly<Record<string, () => unknown>>;
  /** Something for every other copy to read. */
  make(): Made | Promise<Made>;
  /** Throws, or rejects, unless what another copy made is read as it was meant. */
  read(made: Made): void | Promise<void>;
}

/** By the name of the library. */
export type Libraries = Readonly<Record<string, Conformance<unknown>>>;
export type Made = Readonly<Record<string, unknown>>;

export interface Report {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  readonly made: Made;
}

/** All there is: the libraries' checks, what they make of what others made, by the makers' names, and something of their own. */
export async function examine(libraries: Libraries, given: Readonly<Record<string, Made>>): Promise<Report> {
  const steps = Object.entries(libraries).flatMap(([name, library]) => [
    ...Object.entries(library.checks).map(([what, check]) => [`${name}: ${what}`, check] as const),
    ...Object.entries(given)
      .filter(([, made]) => name in made)
      .map(([maker, made]) => [`${name}: reads what ${maker} made`, () => library.read(made[name])] as const),
  ]);
  const passed: string[] = [];
  const failed: string[] = [];
  for (const [what, run] of steps) {
    try {
      await run();
      passed.push(what);
    } catch (error) {
      failed.push(`${what}: ${error}`);
    }
  }
  return { passed, failed, made: await makeAll(libraries) };
}

export async function makeAll(libraries: Libraries): Promise<Made> {
  const made = Object.entries(libraries).map(async ([name, library]) => [name, await library.make()] as const);
  return Object.fromEntries(await Promise.all(made));
}

/** Throws, or rejects, at the first thing that is not read as it was meant. */
export async function readAll(libraries: Libraries, made: Made): Promise<void> {
  for (const [name, library] of Object.entries(libraries)) await library.read(made[name]);
}
