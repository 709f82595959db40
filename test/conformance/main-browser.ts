/** A page's program: fetches from its server what others made, posts its report there. */
import { examine } from './conformance.ts';
import { portableLibraries } from './portable-libraries.ts';

const given = JSON.parse(await (await fetch('given')).text());
await fetch('report', { method: 'POST', body: JSON.stringify(await examine(portableLibraries, given)) });
