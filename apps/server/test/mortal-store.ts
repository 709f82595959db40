/** Loaded before the server: the store's thread ends on SIGUSR2, as a defect in it would make it end. */
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
