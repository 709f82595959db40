import { bundle } from '../../tooling/tsup.ts';

export default bundle({ main: 'src/main.ts', worker: '../../packages/store-sqlite/src/thread/worker.ts' });
