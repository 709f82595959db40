/** @chat/ecdh-hub: published key pairs, envelopes whose bytes are the same everywhere, and a group that copies exchange. */
import {
  clientCreateKeys,
  getKeyFromHub,
  HubError,
  KeyHub,
  type KeyPair,
  LinkRecipient,
  LinkSender,
  MemberState,
  type RandomBytes,
  type Suite,
  sendKeyToClient,
} from '@chat/ecdh-hub';
import type { Conformance } from './conformance.ts';
import { expectError, expectSame, fromHex, toHex } from './expect.ts';

interface MadeForSuite {
  readonly suite: Suite;
  readonly privateKey: string;
  readonly publicKey: string;
  readonly envelope: string;
  readonly announcement: string;
  readonly wrap: string;
  readonly groupKey: string;
  readonly opening: string;
  readonly linkWraps: readonly string[];
}

const suites: readonly Suite[] = ['P-384', 'P-256', 'X25519', 'X-Wing'];
const groupName = 'conformance';
const keyToSend = Uint8Array.from({ length: 32 }, (_, i) => i);
const keyContext = new TextEncoder().encode('room 7, epoch 3');
const linkContext = new TextEncoder().encode('alice to bob');

/** Published key pairs: RFC 5903 sections 8.1 and 8.2, RFC 7748 section 6.1. */
const publishedKeys: readonly { suite: Suite; privateKey: string; publicKey: string }[] = [
  {
    suite: 'P-256',
    privateKey: 'c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433',
    publicKey:
      '04dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180' +
      '5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3',
  },
  {
    suite: 'P-384',
    privateKey: '099f3c7034d4a2c699884d73a375a67f7624ef7c6b3c0f160647b67414dce655e35b538041e649ee3faef896783ab194',
    publicKey:
      '04667842d7d180ac2cde6f74f37551f55755c7645c20ef73e31634fe72b4c55ee6de3ac808acb4bdb4c88732aee95f41aa' +
      '9482ed1fc0eeb9cafc4984625ccfc23f65032149e0e144ada024181535a0f38eeb9fcff3c2c947dae69b4c634573a81c',
  },
  {
    suite: 'X25519',
    privateKey: '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a',
    publicKey: '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
  },
];

/** Returns random bytes that each copy can repeat. The first byte is below the order of each group. */
function counting(start: number): RandomBytes {
  let draws = start;
  return (length) => {
    draws += 1;
    return Uint8Array.from({ length }, (_, i) => (draws * 7 + i * 3 + 1) % 251);
  };
}

function makeFor(suite: Suite): MadeForSuite {
  const keys = clientCreateKeys(suite, counting(1));
  const members = [{ id: 'alice', publicKey: keys.publicKey }];
  const { hub, announcement, wraps } = KeyHub.create({ name: groupName, suite, members }, counting(3));
  const { link, opening } = LinkSender.open({ recipient: keys.publicKey, suite, context: linkContext }, counting(4));
  const one = link.wrap(keyToSend, keyContext);
  const two = one.link.wrap(keyToSend, linkContext);
  return {
    suite,
    privateKey: toHex(keys.privateKey),
    publicKey: toHex(keys.publicKey),
    envelope: toHex(sendKeyToClient(keys.publicKey, keyToSend, keyContext, { suite, random: counting(2) })),
    announcement: toHex(announcement),
    wrap: wraps.map(({ wrap }) => toHex(wrap)).join(),
    groupKey: toHex(hub.key()),
    opening: toHex(opening),
    linkWraps: [one.wrap, two.wrap].map(toHex),
  };
}

/** Opens what another copy made, then makes the same bytes from the same random bytes. */
async function readFor(made: MadeForSuite): Promise<void> {
  const { suite } = made;
  const keys: KeyPair = { suite, privateKey: fromHex(made.privateKey), publicKey: fromHex(made.publicKey) };
  expectSame(getKeyFromHub(keys, fromHex(made.envelope), keyContext), keyToSend);
  await expectError(HubError, 'unwrap-failed', () => getKeyFromHub(keys, fromHex(made.envelope), keyToSend));
  const { member } = MemberState.found(groupName, 'alice', keys).apply(fromHex(made.announcement), fromHex(made.wrap));
  expectSame(toHex(member.key() ?? new Uint8Array()), made.groupKey);
  const [one = '', two = ''] = made.linkWraps;
  const link = LinkRecipient.accept(keys, fromHex(made.opening), linkContext);
  const late = link.unwrap(fromHex(two), linkContext).link.unwrap(fromHex(one), keyContext);
  expectSame(late.key, keyToSend);
  await expectError(HubError, 'link-step-used', () => late.link.unwrap(fromHex(two), linkContext));
  expectSame(makeFor(suite), made);
}

export const ecdhHub: Conformance<readonly MadeForSuite[]> = {
  checks: {
    'the public keys of published private keys': () => {
      for (const { suite, privateKey, publicKey } of publishedKeys) {
        expectSame(toHex(clientCreateKeys(suite, () => fromHex(privateKey)).publicKey), publicKey);
      }
    },

    'refuses points off the curve and of low order': async () => {
      for (const { suite, publicKey } of publishedKeys) {
        const bad = suite === 'X25519' ? new Uint8Array(32) : fromHex(publicKey).fill(1, 40);
        await expectError(HubError, 'invalid-public-key', () => sendKeyToClient(bad, keyToSend, keyContext, { suite }));
      }
    },

    'with random bytes of its own': () => {
      for (const suite of suites) {
        const keys = clientCreateKeys(suite);
        expectSame(
          getKeyFromHub(keys, sendKeyToClient(keys.publicKey, keyToSend, keyContext, { suite }), keyContext),
          keyToSend,
        );
      }
    },
  },

  make: () => suites.map(makeFor),

  async read(made) {
    expectSame(
      made.map(({ suite }) => suite),
      suites,
    );
    for (const one of made) await readFor(one);
  },
};
