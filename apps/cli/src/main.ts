#!/usr/bin/env node
/** The `chat` program: begins to open the identity key, and loads the rest meanwhile. */
import { homedir } from 'node:os';
import { earlyUnlock } from './early-unlock.ts';

const early = earlyUnlock(process.argv.slice(2), process.env, homedir());
const { runInProcess } = await import('./whole-program.ts');
await runInProcess(early);
