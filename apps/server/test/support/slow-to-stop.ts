/** The main module of a process that reports the first signal and then never ends by itself. */
import { stopSignal } from '../../src/stop-signal.ts';

setInterval(() => undefined, 1_000);
const signal = stopSignal(() => undefined);
console.log('ready');
console.log(await signal);
