/**
 * A group of ts-mls (RFC 9420). Its tree is cold if one commit added all members, so that no inner node has a key yet, and warm
 * if each member joined by a commit of its own. A group becomes warmer as its members commit.
 */
import type { Suite } from '@chat/ecdh-hub';
import {
  acceptAll,
  type CiphersuiteImpl,
  type CiphersuiteName,
  type ClientState,
  createCommit,
  createGroup,
  createGroupInfoWithExternalPubAndRatchetTree,
  decodeMlsMessage,
  defaultCapabilities,
  defaultLifetime,
  emptyPskIndex,
  encodeMlsMessage,
  generateKeyPackage,
  getCiphersuiteFromName,
  getCiphersuiteImpl,
  joinGroup,
  joinGroupExternal,
  type MLSMessage,
  type Proposal,
  processMessage,
} from 'ts-mls';
import type { Group, Rekey } from './group.ts';

const suites: Readonly<Record<Suite, CiphersuiteName>> = {
  'P-384': 'MLS_256_DHKEMP384_AES256GCM_SHA384_P384',
  'P-256': 'MLS_128_DHKEMP256_AES128GCM_SHA256_P256',
  X25519: 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519',
  'X-Wing': 'MLS_256_XWING_AES256GCM_SHA512_Ed25519',
};

/** Two members of a group at the same epoch. */
interface Pair {
  readonly hub: ClientState;
  readonly member: ClientState;
  /** The leaf to remove. */
  readonly leaver: number;
}

type Person = Awaited<ReturnType<typeof person>>;

function person(name: string, cs: CiphersuiteImpl) {
  const credential = { credentialType: 'basic', identity: new TextEncoder().encode(name) } as const;
  return generateKeyPackage(credential, defaultCapabilities(), defaultLifetime, [], cs);
}

async function people(size: number, cs: CiphersuiteImpl): Promise<[Person, Person, ...Person[]]> {
  const all: Person[] = [];
  for (let i = 0; i < size; i++) all.push(await person(`user-${i}`, cs));
  const [first, second, ...others] = all;
  if (first === undefined || second === undefined) throw new Error('a group has two or more');
  return [first, second, ...others];
}

const found = ({ publicPackage, privatePackage }: Person, cs: CiphersuiteImpl) =>
  createGroup(new TextEncoder().encode('bench'), publicPackage, privatePackage, [], cs);

const add = ({ publicPackage }: Person): Proposal => ({ proposalType: 'add', add: { keyPackage: publicPackage } });

async function follow(state: ClientState, message: MLSMessage, cs: CiphersuiteImpl): Promise<ClientState> {
  if (message.wireformat !== 'mls_private_message' && message.wireformat !== 'mls_public_message') {
    throw new Error(`a commit came as ${message.wireformat}`);
  }
  return (await processMessage(message, state, emptyPskIndex, acceptAll, cs)).newState;
}

async function coldTree(size: number, cs: CiphersuiteImpl): Promise<Pair> {
  const [first, second, ...others] = await people(size, cs);
  const extraProposals = [second, ...others].map(add);
  const { newState: hub, welcome } = await createCommit(
    { state: await found(first, cs), cipherSuite: cs },
    { extraProposals },
  );
  if (welcome === undefined) throw new Error('a commit that adds has a welcome');
  const { publicPackage, privatePackage } = second;
  const member = await joinGroup(welcome, publicPackage, privatePackage, emptyPskIndex, cs, hub.ratchetTree);
  return { hub, member, leaver: size - 1 };
}

/** Each member joins by an external commit, which only the hub processes. The measured member joins last. */
async function warmTree(size: number, cs: CiphersuiteImpl): Promise<Pair> {
  const [first, ...others] = await people(size, cs);
  let hub = await found(first, cs);
  let member = hub;
  for (const { publicPackage, privatePackage } of others) {
    const info = await createGroupInfoWithExternalPubAndRatchetTree(hub, [], cs);
    const joined = await joinGroupExternal(info, publicPackage, privatePackage, false, cs);
    member = joined.newState;
    const { publicMessage } = joined;
    hub = await follow(hub, { version: 'mls10', wireformat: 'mls_public_message', publicMessage }, cs);
  }
  return { hub, member, leaver: size >> 1 };
}

const welcomeSize = (welcome: Awaited<ReturnType<typeof createCommit>>['welcome']) =>
  welcome === undefined ? 0 : encodeMlsMessage({ version: 'mls10', wireformat: 'mls_welcome', welcome }).length;

async function rekey({ hub, member }: Pair, proposal: Proposal, cs: CiphersuiteImpl): Promise<Rekey> {
  const commit = (ratchetTreeExtension = false) =>
    createCommit({ state: hub, cipherSuite: cs }, { extraProposals: [proposal], ratchetTreeExtension });
  const { commit: message, welcome } = await commit();
  const received = encodeMlsMessage(message);
  const { welcome: welcomeWithTree } = await commit(true);
  return {
    async hub() {
      const made = await commit();
      return [encodeMlsMessage(made.commit), welcomeSize(made.welcome)];
    },
    async member() {
      const decoded = decodeMlsMessage(received, 0);
      if (decoded === undefined) throw new Error('a commit was not decoded');
      return follow(member, decoded[0], cs);
    },
    sizes: {
      sent: received.length + welcomeSize(welcome),
      downloaded: received.length,
      newcomer: welcomeSize(welcomeWithTree),
    },
  };
}

/** Uses the provider of ts-mls: WebCrypto, and noble for signatures. */
export async function mlsGroup(suite: Suite, size: number, tree: 'cold' | 'warm'): Promise<Group> {
  const cs = await getCiphersuiteImpl(getCiphersuiteFromName(suites[suite]));
  const pair = await (tree === 'cold' ? coldTree : warmTree)(size, cs);
  const newcomer = await person('newcomer', cs);
  return {
    name: `ts-mls, ${tree} tree`,
    changes: {
      add: await rekey(pair, add(newcomer), cs),
      remove: await rekey(pair, { proposalType: 'remove', remove: { removed: pair.leaver } }, cs),
    },
  };
}
