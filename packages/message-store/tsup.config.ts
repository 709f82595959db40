import { build } from '../../tooling/tsup.ts';

export default build({ index: 'src/index.ts', 'node/index': 'src/node/index.ts' });
