import { build } from '../../tooling/tsup.ts';

export default build({ main: 'src/main.ts' });
