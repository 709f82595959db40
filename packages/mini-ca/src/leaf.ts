/**
 * Issuing a leaf: apply the profile, enforce, sign. Of the request nothing comes this far but its public key; names,
 * dates and everything else are the caller's.
 */
import type { KeyObject } from 'node:crypto';
import { encodeName } from './distinguished-name.ts';
import { CaError } from './errors.ts';
import { keyIdentifierOf, purposeIds } from './extensions.ts';
import type { Issuer } from './issuer.ts';
import { spkiOf } from './key-policy.ts';
import { checkNames, hasAlternatives, type Names } from './names.ts';
import type { ProfileRules } from './profile.ts';
import type { Digest } from './signature-algorithm.ts';
import { signedCertificate } from './signed-certificate.ts';

/** How far `notBefore` reaches back, so that a clock that is a little slow accepts a new certificate. */
export const BACKDATE_MS = 5 * 60_000;

export interface Leaf {
  readonly publicKey: KeyObject;
  readonly names: Names;
  readonly rules: ProfileRules;
  readonly serial: bigint | Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * @returns PEM
 * @throws CaError `weak-key`, `unsupported-algorithm`, `bad-name`, `bad-argument`; `issuer-not-valid` when the dates
 *   reach outside of the issuer's
 */
export function issueLeaf(leaf: Leaf, { certificate: ca, privateKey }: Issuer, digest: Digest): string {
  const keyType = leaf.rules.requireKey(leaf.publicKey);
  const names = checkNames(leaf.names);
  if (!leaf.rules.hasName(names)) {
    throw new CaError('bad-name', 'no name to put into the certificate: a server needs dns or ip, a client any');
  }
  if (leaf.notBefore < ca.info.notBefore || leaf.notAfter > ca.info.notAfter) {
    throw new CaError('issuer-not-valid', 'the issuing certificate is not valid for as long as that');
  }
  const authorityKeyId = ca.extensions.subjectKeyId ?? keyIdentifierOf(spkiOf(ca.info.publicKey));
  return signedCertificate(
    {
      serial: leaf.serial,
      issuer: ca.structure.tbsCertificate.subject,
      subject: encodeName(names),
      notBefore: leaf.notBefore,
      notAfter: leaf.notAfter,
      publicKey: leaf.publicKey,
      extensions: {
        isCA: false,
        keyUsage: leaf.rules.keyUsage(keyType),
        purposes: leaf.rules.purposes.map((purpose) => purposeIds[purpose]),
        subjectKeyId: keyIdentifierOf(spkiOf(leaf.publicKey)),
        authorityKeyId,
        ...(hasAlternatives(names) && { alternativeNames: names }),
      },
    },
    privateKey,
    digest,
  );
}

/**
 * From `now` backdated to `now + lifetimeMs`, cut to the issuer's own validity.
 *
 * @throws CaError `bad-argument`; `issuer-not-valid` when the issuer is not valid now
 */
export function lifetimeWithin(
  { certificate: ca }: Issuer,
  now: Date,
  lifetimeMs: number,
  backdateMs: number,
): { notBefore: Date; notAfter: Date } {
  if (!(lifetimeMs >= 1000) || !(backdateMs >= 0)) {
    throw new CaError('bad-argument', 'lifetimeMs is at least 1000 milliseconds, backdateMs 0 or more');
  }
  const at = now.getTime();
  const [first, last] = [ca.info.notBefore.getTime(), ca.info.notAfter.getTime()];
  if (!(at >= first && at <= last)) throw new CaError('issuer-not-valid', 'the issuing certificate is not valid now');
  return {
    notBefore: new Date(Math.max(at - backdateMs, first)),
    notAfter: new Date(Math.min(at + lifetimeMs, last)),
  };
}
