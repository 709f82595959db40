/** The native backend with counters of its operations. It also records the private keys that `derive` receives. */
import type { Agreement, Backend, Party } from '../../src/backend/backend.ts';
import { native } from './setting.ts';

export interface Counted {
  readonly backend: Backend;
  readonly counts: { agreements: number; checks: number; hashes: number; hashedBytes: number };
  /** The arrays themselves, not copies. */
  readonly derivedFrom: Uint8Array[];
}

export function countingBackend(): Counted {
  const counts = { agreements: 0, checks: 0, hashes: 0, hashedBytes: 0 };
  const derivedFrom: Uint8Array[] = [];
  const counted = (party: Party): Party => ({
    publicKey: party.publicKey,
    agree(peer, owner) {
      counts.agreements++;
      return party.agree(peer, owner);
    },
  });
  const countedAgreement = (agreement: Agreement): Agreement => ({
    derive(privateKey) {
      derivedFrom.push(privateKey);
      return counted(agreement.derive(privateKey));
    },
    load: (privateKey, publicKey) => counted(agreement.load(privateKey, publicKey)),
    check(publicKey) {
      counts.checks++;
      agreement.check(publicKey);
    },
  });
  const x25519 = native.agreements.X25519;
  const agreements = {
    'P-384': countedAgreement(native.agreements['P-384']),
    'P-256': countedAgreement(native.agreements['P-256']),
    X25519: { ...countedAgreement(x25519), generate: () => counted(x25519.generate()) },
  };
  const sha256: Backend['sha256'] = (data) => {
    counts.hashes++;
    counts.hashedBytes += data.length;
    return native.sha256(data);
  };
  return { backend: { ...native, agreements, sha256 }, counts, derivedFrom };
}
