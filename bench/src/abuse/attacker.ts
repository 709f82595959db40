/** Carries out one attack of the table in a process of its own, until the process is ended. */
import { once } from 'node:events';
import { attacks, type Target } from './attacks.ts';

const [{ name, target }] = (await once(process, 'message')) as [{ readonly name: string; readonly target: Target }];
// The end of the benchmark ends the attack too.
process.once('disconnect', () => process.exit());
attacks.get(name)?.(target);
