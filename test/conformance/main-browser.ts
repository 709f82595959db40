/** The program of a page: fetches from its server what other copies made, and posts a report. */
import { examine } from './conformance.ts';
import { portableLibraries } from './portable-libraries.ts';

const given = JSON.parse(await (await fetch('given')).text());
await fetch('report', { method: 'POST', body: JSON.stringify(await examine(portableLibraries, given)) });
