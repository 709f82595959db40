/**
 * Every export of the four libraries refuses arguments of wrong types with an error that has a code, also in programs that no
 * compiler has checked. The arguments are made from seeds: of any type, too few or too many, and right ones in wrong places.
 */
import { join } from 'node:path';
import * as hub from '@chat/ecdh-hub';
import * as fernet from '@chat/fernet';
import * as ca from '@chat/mini-ca';
import * as signatures from '@chat/signatures';
import * as signaturesNode from '@chat/signatures/node';
import { temporaryFolder } from '@chat/testkit';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';

type AnyFunction = (...values: unknown[]) => unknown;
type AnyClass = new (...values: unknown[]) => object;

const folder = temporaryFolder();
afterAll(() => folder[Symbol.asyncDispose]());

const root = ca.createCA({ size: 'P-256' });
const authority = new ca.CertificateAuthority({
  ...root,
  ledger: new ca.MemoryLedger(),
  authorise: () => ({ profile: 'client', names: { commonName: 'alice' } }),
});
const { request, privateKey } = ca.createRequest('alice');
const keyPair = hub.clientCreateKeys('P-256');
const member = { id: 'alice', publicKey: keyPair.publicKey };
const founded = hub.KeyHub.create({ name: 'room', suite: 'P-256', members: [member] });
const state = hub.MemberState.found('room', 'alice', keyPair);
const linkOptions = { recipient: keyPair.publicKey, suite: 'P-256', context: new Uint8Array(32) } as const;
const { link: linkSender, opening } = hub.LinkSender.open(linkOptions);
const linkRecipient = hub.LinkRecipient.accept(keyPair, opening, new Uint8Array(32));
const linkWrap = linkSender.wrap(new Uint8Array(32), new Uint8Array(32)).wrap;
const signer = signatures.generateSigner();
const domain = { protocol: 'p', purpose: 'q', context: 'c' };
const token = new fernet.Fernet(fernet.Fernet.generateKey());

/** Values that some functions accept, so that the checks of the arguments after the first are reached. */
const right: unknown[] = [
  ...[root, root.certificate, root.privateKey, request, privateKey, authority, new Date(0), 'serverAuth', 'ec'],
  ...[await authority.createCrl(), { anchors: [root.certificate], at: new Date(), purpose: 'serverAuth' }],
  ...[keyPair, member, [member], keyPair.publicKey, founded.announcement, founded.wraps[0]?.wrap, founded.hub, state],
  ...[founded.hub.snapshot(), JSON.stringify(state), 'P-256', new Uint8Array(32), { name: 'room', members: [member] }],
  ...[linkOptions, opening, linkWrap, JSON.stringify(linkSender), JSON.stringify(linkRecipient)],
  ...[linkSender, [{ link: linkSender, context: new Uint8Array(32) }]],
  ...[signer, signer.publicKey, signer.fingerprint, signer.sign(domain, Buffer.from('x')), domain],
  ...[signatures.createMemoryChallengeStore(10), token, token.encrypt('x'), { ttl: 60, now: 0 }, { ttl: 60 }, 'x'],
];

const anything = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...right) },
  fc.constantFrom(undefined, null, Number.NaN, -1, 0, 2 ** 53, 10n, true, Symbol('x'), () => {}, ''),
  fc.anything({ withDate: true, withBigInt: true, withTypedArray: true, withNullPrototype: true, maxDepth: 2 }),
  fc.string({ maxLength: 20 }),
  fc.uint8Array({ maxLength: 200 }),
);
const someArguments = fc.array(anything, { maxLength: 8 });

/** Returns the error that a call throws or rejects with, or null. */
async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return null;
  } catch (error) {
    return error;
  }
}

/** The errors of the file system are not wrapped: they say what to do about a file that is missing or not readable. */
function hasCode(error: unknown): boolean {
  if (error === null) return true;
  return error instanceof Error && 'code' in error && ('syscall' in error || /^[a-z-]+$/.test(String(error.code)));
}

/** What is called, by its name: functions, constructors, static methods and methods of instances. */
const callables = new Map<string, AnyFunction>();

function addMethods(name: string, target: object, of: object): void {
  for (const key of Reflect.ownKeys(of)) {
    if (typeof key !== 'string' || key === 'constructor') continue;
    const { value } = Reflect.getOwnPropertyDescriptor(of, key) ?? {};
    if (typeof value === 'function') callables.set(`${name}.${key}`, value.bind(target) as AnyFunction);
  }
}

const libraries = { fernet, signatures, signaturesNode, hub, ca };
for (const [library, exports] of Object.entries(libraries)) {
  for (const [name, value] of Object.entries(exports)) {
    if (typeof value !== 'function' || /Error$|^InvalidToken$/.test(name)) continue;
    if (!/^[A-Z]/.test(name)) callables.set(`${library}.${name}`, value as AnyFunction);
    else {
      // The constructors of the others are private: static methods make their instances.
      if (!/^(FileLedger|KeyHub|LinkRecipient|LinkSender|MemberState)$/.test(name))
        callables.set(`new ${library}.${name}`, (...values) => new (value as unknown as AnyClass)(...values));
      addMethods(`${library}.${name}`, value, value);
    }
  }
}
const open = callables.get('ca.FileLedger.open');
// In a folder of its own, because it makes the file.
callables.set('ca.FileLedger.open', async (path, ...values) => {
  const own =
    typeof path === 'string' ? join(folder.path, path.includes('\0') ? path : Buffer.from(path).toString('hex')) : path;
  await using _ledger = (await open?.(own, ...values)) as ca.FileLedger;
});
const links = { linkSender, linkRecipient };
const instances = { token, signer, hub: founded.hub, state, ...links, authority, ledger: new ca.MemoryLedger() };
for (const [name, instance] of Object.entries(instances)) {
  const prototype = Object.getPrototypeOf(instance);
  addMethods(`a ${name}`, instance, prototype === Object.prototype ? instance : prototype);
}

describe('arguments of any type', () => {
  test('reach every export', () => {
    expect([...callables.keys()].sort()).toMatchInlineSnapshot(`
      [
        "a authority.check",
        "a authority.createCrl",
        "a authority.crossSign",
        "a authority.issue",
        "a authority.renew",
        "a authority.revoke",
        "a hub.join",
        "a hub.key",
        "a hub.rekey",
        "a hub.rekeyLazily",
        "a hub.remove",
        "a hub.rewrap",
        "a hub.snapshot",
        "a hub.toJSON",
        "a hub.wrapOver",
        "a ledger.append",
        "a ledger.find",
        "a ledger.latestCrl",
        "a ledger.records",
        "a ledger.revoked",
        "a linkRecipient.forgetBefore",
        "a linkRecipient.toJSON",
        "a linkRecipient.unwrap",
        "a linkSender.toJSON",
        "a linkSender.wrap",
        "a signer.sign",
        "a state.apply",
        "a state.key",
        "a state.receive",
        "a state.receiveOver",
        "a state.snapshot",
        "a state.toJSON",
        "ca.FileLedger.open",
        "ca.certificateFingerprint",
        "ca.checkRequest",
        "ca.createCA",
        "ca.createCertRequest",
        "ca.createCertificate",
        "ca.createKeyPair",
        "ca.createRenewal",
        "ca.createRequest",
        "ca.inspect",
        "ca.isHostName",
        "ca.isIpAddress",
        "ca.issueCertificate",
        "ca.privateKeyFromPem",
        "ca.privateKeyToPem",
        "ca.readCertificate",
        "ca.readCrl",
        "ca.renewalWindow",
        "ca.signCertificates",
        "ca.verifyCertificate",
        "fernet.Fernet.generateKey",
        "fernet.decryptStream",
        "fernet.deriveKey",
        "fernet.encryptFromParts",
        "fernet.encryptStream",
        "fernet.generateSalt",
        "hub.KeyHub.create",
        "hub.KeyHub.parse",
        "hub.KeyHub.succeed",
        "hub.LinkRecipient.accept",
        "hub.LinkRecipient.parse",
        "hub.LinkSender.open",
        "hub.LinkSender.parse",
        "hub.LinkSender.wrapForEach",
        "hub.MemberState.enter",
        "hub.MemberState.found",
        "hub.MemberState.parse",
        "hub.clientCreateKeys",
        "hub.decodeAnnouncement",
        "hub.decodeEnvelope",
        "hub.decodeLinkWrap",
        "hub.encodeEnvelope",
        "hub.getKeyFromHub",
        "hub.hubExchange",
        "hub.sendKeyToClient",
        "new ca.CertificateAuthority",
        "new ca.MemoryLedger",
        "new fernet.Fernet",
        "new fernet.MultiFernet",
        "signatures.answerChallenge",
        "signatures.changePassword",
        "signatures.createKeyFile",
        "signatures.createMemoryChallengeStore",
        "signatures.createSerializedKeys",
        "signatures.createSignature",
        "signatures.derToP1363",
        "signatures.domainSeparated",
        "signatures.encryptPrivateKey",
        "signatures.exportPlainPrivateKey",
        "signatures.exportPublicKey",
        "signatures.fingerprint",
        "signatures.generateSigner",
        "signatures.importPlainPrivateKey",
        "signatures.importVerifier",
        "signatures.isLowS",
        "signatures.issueChallenge",
        "signatures.needsRehash",
        "signatures.p1363ToDer",
        "signatures.safetyNumber",
        "signatures.signMessage",
        "signatures.toLowS",
        "signatures.unlockKeyFile",
        "signatures.unlockSigner",
        "signatures.upgradeKey",
        "signatures.verifyChallenge",
        "signatures.verifyMessage",
        "signatures.verifySignature",
        "signaturesNode.getPublicKey",
      ]
    `);
  });

  test.each([...callables])('%s throws nothing but errors with a code', { timeout: 120_000 }, async (_, call) => {
    await fc.assert(
      fc.asyncProperty(someArguments, async (values) => {
        const error = await errorOf(() => call(...values));
        if (!hasCode(error)) throw error;
      }),
      { numRuns: 100 },
    );
  });
});
