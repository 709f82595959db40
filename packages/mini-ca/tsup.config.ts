import { library } from '../../tooling/tsup.ts';

export default library({ index: 'src/index.ts', 'contract/index': 'src/contract/index.ts' });
