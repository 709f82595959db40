/** `createCA`: a new root, its certificate signed by itself. */
import type { KeyObject } from 'node:crypto';
import { encodeName } from './distinguished-name.ts';
import { CaError } from './errors.ts';
import { KeyUsage, keyIdentifierOf } from './extensions.ts';
import { randomSerial } from './issue.ts';
import { createKeyPair, type KeySize } from './key-pair.ts';
import { type KeyType, spkiOf } from './key-policy.ts';
import { BACKDATE_MS } from './leaf.ts';
import { checkNames } from './names.ts';
import { digestFor } from './signature-algorithm.ts';
import { signedCertificate } from './signed-certificate.ts';

export interface RootOptions {
  /** At most 64 characters; `mini-ca root` by default. */
  readonly commonName?: string;
  /** `ec` by default. */
  readonly keyType?: KeyType;
  /** As for `createKeyPair`; P-384 by default for EC. */
  readonly size?: KeySize;
  /** Whole years of validity; 10 by default. */
  readonly years?: number;
  /** The clock's time by default; validity begins 5 minutes before. */
  readonly now?: Date;
}

/**
 * A new root CA: CA:TRUE with path length 0 (it signs leaves only), keyCertSign and cRLSign (RFC 5280 section 4.2.1).
 *
 * @returns the certificate as PEM, and its key, which is the whole of the CA's power: store it with
 *   `privateKeyToPem(key, password)`
 * @throws CaError `bad-argument`, `bad-name`
 */
export function createCA(options: RootOptions = {}): { certificate: string; privateKey: KeyObject } {
  const { commonName = 'mini-ca root', keyType = 'ec', years = 10, now = new Date() } = options;
  if (!Number.isInteger(years) || years < 1) throw new CaError('bad-argument', 'years is a whole number from 1 up');
  const subject = encodeName(checkNames({ commonName }));
  const notAfter = new Date(now);
  notAfter.setUTCFullYear(now.getUTCFullYear() + years);

  const { privateKey, publicKey } = createKeyPair(keyType, options.size ?? (keyType === 'ec' ? 'P-384' : undefined));
  const content = {
    serial: randomSerial(),
    issuer: subject,
    subject,
    notBefore: new Date(now.getTime() - BACKDATE_MS),
    notAfter,
    publicKey,
    extensions: {
      isCA: true,
      pathLength: 0,
      keyUsage: KeyUsage.keyCertSign | KeyUsage.cRLSign,
      subjectKeyId: keyIdentifierOf(spkiOf(publicKey)),
    },
  };
  return { certificate: signedCertificate(content, privateKey, digestFor(privateKey)), privateKey };
}
