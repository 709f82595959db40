/**
 * Writes the examples in `vectors/` again, after a change of the protocol: `node --conditions=@chat/source tooling/vectors.ts`.
 * Signatures, and hashes over signatures, differ each time; a test checks that everything else is what the code makes. No
 * other program runs this one, because other implementations rely on the examples.
 */
import { writeFileSync } from 'node:fs';
import { recordAdmission } from '../test/support/vectors/admission.ts';
import { makeBreaches } from '../test/support/vectors/breaches.ts';
import { recordConversation } from '../test/support/vectors/conversation.ts';
import { earlierExampleOf, recordEarlier } from '../test/support/vectors/earlier.ts';
import { makeFrames } from '../test/support/vectors/frames.ts';
import { makeGaps } from '../test/support/vectors/gaps.ts';
import { makeLinks } from '../test/support/vectors/links.ts';
import { recordPair } from '../test/support/vectors/pair.ts';
import { exampleOf } from '../test/support/vectors/room-example.ts';
import { freshSigner } from '../test/support/vectors/signers.ts';
import { makeStatements } from '../test/support/vectors/statements.ts';

const rooms = {
  conversation: recordConversation(freshSigner),
  admission: recordAdmission(freshSigner),
  pair: recordPair(freshSigner),
  earlier: recordEarlier(freshSigner),
};
const examples = {
  conversation: exampleOf(rooms.conversation.recorded),
  admission: exampleOf(rooms.admission.recorded),
  pair: exampleOf(rooms.pair.recorded),
  earlier: earlierExampleOf(rooms.earlier),
  breaches: makeBreaches(rooms),
  gaps: makeGaps(rooms.conversation),
  links: makeLinks(),
  statements: makeStatements(freshSigner),
  frames: makeFrames(),
};

for (const [name, example] of Object.entries(examples)) {
  writeFileSync(new URL(`../vectors/${name}.json`, import.meta.url), `${JSON.stringify(example, null, 2)}\n`);
}
