/** A process of its own: is told to stop, says so, and then takes for ever. */
import { stopSignal } from '../src/stop-signal.ts';

setInterval(() => undefined, 1_000);
const signal = stopSignal();
console.log('ready');
console.log(await signal);
