/** The texts for what a server has lost. */
import { expect, test } from 'vitest';
import { present } from '../../src/screen/present.ts';
import { scene } from '../support/samples.ts';

test('of prekeys that a restored server has lost accuses no user and no server, and says what follows', () => {
  const own = present({ kind: 'server-lost-prekey' }, scene);
  expect(own).toMatch(/^(?!!!).*lost your latest prekey.*stored it there again/);
  const outdated = present({ kind: 'outdated-prekey', user: 'bob' }, scene);
  expect(outdated).toMatch(/^(?!!!).*prekey of bob.*encrypts nothing to that one.*bob gets the keys.*connecting again/);
});
