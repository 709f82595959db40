/** Preloaded into a server process: SIGUSR2 ends the store's thread, as a defect in it would. */
import { syncBuiltinESMExports } from 'node:module';
import threads from 'node:worker_threads';

const { Worker } = threads;
threads.Worker = class extends Worker {
  constructor(...args: ConstructorParameters<typeof Worker>) {
    super(...args);
    process.once('SIGUSR2', () => void this.terminate());
  }
};
syncBuiltinESMExports();
