/**
 * Writes the examples in `vectors/` anew: `node --conditions=@chat/source tooling/vectors.ts`, after a change of the
 * protocol. Signatures differ each time, and with them what is hashed over them; a test checks that the rest is what the
 * code makes. Nothing runs this by itself: what others built on must not change unseen.
 */
import { writeFileSync } from 'node:fs';
import { accountOf } from '../test/support/vectors/account.ts';
import { admit } from '../test/support/vectors/admission.ts';
import { makeBreaches } from '../test/support/vectors/breaches.ts';
import { converse } from '../test/support/vectors/conversation.ts';
import { makeFrames } from '../test/support/vectors/frames.ts';
import { pairUp } from '../test/support/vectors/pair.ts';
import { freshSigner } from '../test/support/vectors/people.ts';
import { makeStatements } from '../test/support/vectors/statements.ts';

const rooms = { conversation: converse(freshSigner), admission: admit(freshSigner), pair: pairUp(freshSigner) };
const examples = {
  conversation: accountOf(rooms.conversation.table),
  admission: accountOf(rooms.admission.table),
  pair: accountOf(rooms.pair.table),
  breaches: makeBreaches(rooms),
  statements: makeStatements(freshSigner),
  frames: makeFrames(),
};

for (const [name, example] of Object.entries(examples)) {
  writeFileSync(new URL(`../vectors/${name}.json`, import.meta.url), `${JSON.stringify(example, null, 2)}\n`);
}
