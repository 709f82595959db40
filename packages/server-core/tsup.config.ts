import { build } from '../../tooling/tsup.ts';

export default build({
  index: 'src/index.ts',
  'wrap-sheet': 'src/ports/wrap-sheet.ts',
  'contract/index': 'src/contract/index.ts',
});
