/**
 * Writes the examples in `vectors/` anew: `node --conditions=@chat/source tooling/vectors.ts`, after a change of the
 * protocol. Signatures differ each time, and with them what is hashed over them; a test checks that the rest is what the
 * code makes. Nothing runs this by itself: what others built on must not change unseen.
 */
import { writeFileSync } from 'node:fs';
import { makeBreaches } from '../test/support/vectors/breaches.ts';
import { converse, makeConversation } from '../test/support/vectors/conversation.ts';
import { makeFrames } from '../test/support/vectors/frames.ts';
import { freshSigner } from '../test/support/vectors/people.ts';
import { makeStatements } from '../test/support/vectors/statements.ts';

const conversation = converse(freshSigner);
const examples = {
  conversation: makeConversation(conversation),
  breaches: makeBreaches(conversation),
  statements: makeStatements(freshSigner),
  frames: makeFrames(),
};

for (const [name, example] of Object.entries(examples)) {
  writeFileSync(new URL(`../vectors/${name}.json`, import.meta.url), `${JSON.stringify(example, null, 2)}\n`);
}
