/** The key encapsulation mechanism of each suite. */
import type { Backend } from '../backend/backend.ts';
import type { SuiteParameters } from '../suite.ts';
import { dhkem } from './dhkem.ts';
import type { Kem } from './kem.ts';
import { xWing } from './x-wing.ts';

/** Returns the mechanism of a suite. It has no state, so the caller need not keep it. */
export function kemOf(backend: Backend, suite: SuiteParameters): Kem {
  return suite.name === 'X-Wing' ? xWing(backend) : dhkem(backend, suite);
}
