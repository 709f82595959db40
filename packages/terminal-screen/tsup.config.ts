import { build } from '../../tooling/tsup.ts';

export default build({ index: 'src/index.ts' });
