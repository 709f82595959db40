import { build } from '../../tooling/tsup.ts';

export default build({
  index: 'src/index.ts',
  wraps: 'src/wraps.ts',
  'backend/native': 'src/backend/native.ts',
  'backend/portable': 'src/backend/portable.ts',
});
