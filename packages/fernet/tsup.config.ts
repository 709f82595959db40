import { library } from '../../tooling/tsup.ts';

export default library({
  index: 'src/index.ts',
  'backend/native': 'src/backend/native.ts',
  'backend/portable': 'src/backend/portable.ts',
});
