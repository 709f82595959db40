/** A program for any Node: reads from a file what other copies made, and prints a report. */
import { readFileSync } from 'node:fs';
import { examine } from './conformance.ts';
import { libraries } from './libraries.ts';

const given = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
examine(libraries, given).then((report) => process.stdout.write(JSON.stringify(report)));
