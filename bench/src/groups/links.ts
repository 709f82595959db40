/** A fresh key for many recipients over links that are open already, beside an envelope for each, and the opening of links. */
import {
  clientCreateKeys,
  getKeyFromHub,
  LinkRecipient,
  LinkSender,
  type Suite,
  sendKeyToClient,
} from '@chat/ecdh-hub';
import { durations } from '../measure/durations.ts';
import type { Plan } from '../measure/measure.ts';
import { milliseconds } from '../measure/quantity.ts';
import type { Row, Table } from '../report/table.ts';

const recipients = 1000;
const linkName = 'a link';
const envelopeName = 'an envelope';

const suites: readonly Suite[] = ['P-384', 'P-256', 'X25519', 'X-Wing'];

async function rowsOf(suite: Suite, plan: Plan): Promise<Row[]> {
  const keys = clientCreateKeys(suite);
  const context = new TextEncoder().encode(
    'room 7, epoch 3, alice to bob, and the commitment to the key, which has 32 bytes',
  );
  const key = crypto.getRandomValues(new Uint8Array(32));
  const open = () => LinkSender.open({ recipient: keys.publicKey, suite, context });
  const { link, opening } = open();
  const end = LinkRecipient.accept(keys, opening, context);
  const { wrap } = link.wrap(key, context);
  const envelope = sendKeyToClient(keys.publicKey, key, context, { suite });
  const uses = Array.from({ length: recipients }, () => ({ link, context }));
  const overLinks = () => {
    for (const { wrap } of LinkSender.wrapForEach(key, uses)) if (wrap.length !== 60) throw new Error('not a wrap');
  };
  const inEnvelopes = () => {
    for (let i = 0; i < recipients; i++) sendKeyToClient(keys.publicKey, key, context, { suite });
  };
  const row = async (task: string, ofLink: () => unknown, ofEnvelope?: () => unknown): Promise<Row> => {
    const timed = [{ name: linkName, operation: ofLink }];
    if (ofEnvelope !== undefined) timed.push({ name: envelopeName, operation: ofEnvelope });
    return { task: `${suite}: ${task}`, results: await durations(timed, plan) };
  };
  return [
    await row('open a link', open),
    await row('accept a link', () => LinkRecipient.accept(keys, opening, context)),
    await row(`a key for ${recipients}: sender`, overLinks, inEnvelopes),
    await row(
      'a key: recipient',
      () => end.unwrap(wrap, context),
      () => getKeyFromHub(keys, envelope, context),
    ),
  ];
}

/** Measures links beside envelopes. */
export async function linkTable(plan: Plan): Promise<Table> {
  const rows: Row[] = [];
  for (const suite of suites) {
    console.log(`${suite}: links ...`);
    rows.push(...(await rowsOf(suite, plan)));
  }
  return { title: 'Links and envelopes', quantity: milliseconds, ours: linkName, rows };
}
