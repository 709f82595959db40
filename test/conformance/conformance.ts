/**
 * Checks of a copy of a library, wherever it runs. These modules are bundled for browsers and for the machine's own Node, so they
 * import no Node module. Copies exchange JSON with bytes in hexadecimal.
 */

export interface Conformance<Made> {
  /** Checks by name. A check that fails throws or rejects. */
  readonly checks: Readonly<Record<string, () => unknown>>;
  /** Returns data for the other copies to read. */
  make(): Made | Promise<Made>;
  /** Reads what another copy made. Throws or rejects if the result is wrong. */
  read(made: Made): void | Promise<void>;
}

/** The checks by the name of the library. */
export type Libraries = Readonly<Record<string, Conformance<unknown>>>;
export type Made = Readonly<Record<string, unknown>>;

export interface Report {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  readonly made: Made;
}

/** Runs the libraries' checks, reads what other copies made (`given`, by the names of the copies), and makes data for them. */
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

/** Reads all that another copy made. Throws or rejects at the first wrong result. */
export async function readAll(libraries: Libraries, made: Made): Promise<void> {
  for (const [name, library] of Object.entries(libraries)) await library.read(made[name]);
}
