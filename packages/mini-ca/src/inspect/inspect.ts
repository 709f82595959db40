/** `inspect`: what a person asks of a certificate, a request or a revocation list. */
import type { KeyObject } from 'node:crypto';
import { CaError } from '../errors.ts';
import { sha256Hex } from '../keys/digest.ts';
import { keyKindOf, spkiOf } from '../keys/key-policy.ts';
import { visible } from '../visible-text.ts';
import { parseCertificate } from '../x509/certificate.ts';
import { purposeIds, type ReadExtensions } from '../x509/extensions.ts';
import { keyUsageBits } from '../x509/key-usage.ts';
import { parseRequest } from '../x509/request.ts';
import { parseCertificateList } from '../x509/revocation-list.ts';
import { algorithmText } from '../x509/signature-algorithm.ts';
import { moment, period } from './dates-text.ts';
import { layout, type Row } from './layout.ts';
import { alternativeLines, constraintLines, holderText } from './names-text.ts';

/** Longer lists are cut, and say so. */
const maxRevokedShown = 100;

const purposeTexts: ReadonlyMap<string, string> = new Map([
  [purposeIds.serverAuth, 'TLS server'],
  [purposeIds.clientAuth, 'TLS client'],
  ['1.3.6.1.5.5.7.3.3', 'signing code'],
  ['1.3.6.1.5.5.7.3.4', 'mail'],
  ['1.3.6.1.5.5.7.3.8', 'time stamps'],
  ['1.3.6.1.5.5.7.3.9', 'signing OCSP answers'],
  ['2.5.29.37.0', 'every purpose'],
]);

function keyText(key: KeyObject): string {
  const bits = key.asymmetricKeyDetails?.modulusLength;
  const kind = keyKindOf(key);
  return bits === undefined ? (kind === 'ed25519' ? 'Ed25519' : `EC ${kind}`) : `${kind.toUpperCase()} ${bits} bits`;
}

function keyRows(key: KeyObject): Row[] {
  return [['key', [keyText(key), `SHA-256 ${sha256Hex(spkiOf(key))}`]]];
}

/** What the key is for, and what the extensions limit. */
function useRows({ isCA, pathLength, purposes, keyUsage = 0, nameConstraints, notUnderstood }: ReadExtensions): Row[] {
  const below = pathLength === undefined ? 'any number of CAs' : pathLength === 0 ? 'no CA' : `up to ${pathLength} CAs`;
  const uses = Object.entries(keyUsageBits).flatMap(([use, bit]) => ((keyUsage & bit) !== 0 ? [use] : []));
  return [
    ['a CA', isCA === true ? `yes, with ${below} below it` : 'no'],
    ['for', (purposes ?? []).map((oid) => purposeTexts.get(oid) ?? oid)],
    ['key use', uses.join(', ') || []],
    ['limits', nameConstraints === undefined ? [] : constraintLines(nameConstraints)],
    ['beware', notUnderstood.map((oid) => `critical extension ${oid}, which is not understood here`)],
  ];
}

function certificateText(pem: string, now: Date): string {
  const { info, extensions, algorithm, issuerName, subjectName } = parseCertificate(pem);
  const isRoot = Buffer.compare(issuerName, subjectName) === 0;
  return layout('Certificate', [
    ['whose', holderText(info.subject)],
    ['names', alternativeLines(info.names)],
    ['by', isRoot ? `${holderText(info.issuer)}, itself` : holderText(info.issuer)],
    ['valid', period(info.notBefore, info.notAfter, now)],
    ...useRows(extensions),
    ...keyRows(info.publicKey),
    ['signed', algorithmText(algorithm)],
    ['serial', info.serial],
    ['SHA-256', info.fingerprint],
  ]);
}

function requestText(pem: string): string {
  const { info, requested } = parseRequest(pem);
  return layout('Certificate request, signed by its own key', [
    ['whose', holderText(info.names)],
    ['names', alternativeLines(info.names)],
    ...useRows(requested),
    ...keyRows(info.publicKey),
  ]);
}

function listText(pem: string, now: Date): string {
  const list = parseCertificateList(pem);
  const all = [...list.revoked.values()];
  const shown = all.slice(0, maxRevokedShown).map(({ serial, revokedAt, reason }) => {
    return `${serial}  ${moment(revokedAt)}  ${reason ?? 'no reason given'}`;
  });
  const more = all.length - shown.length;
  return layout('Certificate revocation list', [
    ['by', holderText(list.issuerName.names)],
    ['number', list.number === undefined ? 'none' : String(list.number)],
    ['valid', period(list.thisUpdate, list.nextUpdate, now)],
    ['revoked', [String(all.length), ...shown, ...(more > 0 ? [`and ${more} more`] : [])]],
    ['beware', list.notUnderstood.map((oid) => `critical extension ${oid}, which is not understood here`)],
    ['signed', algorithmText(list.algorithm)],
    ['SHA-256', sha256Hex(list.der)],
  ]);
}

const texts: Readonly<Record<string, (pem: string, now: Date) => string>> = {
  CERTIFICATE: certificateText,
  'CERTIFICATE REQUEST': requestText,
  'X509 CRL': listText,
};

/**
 * A certificate, a request or a revocation list as text for people: whose it is, by whom, for how long, for what. Names that
 * others have chosen are made safe for a terminal. It says what is written, not whether it is to be trusted.
 *
 * @param pem one PEM block
 * @param options `now`: from when the time that is left is counted; the computer's time by default
 * @returns lines, each ended
 * @throws CaError `FormErrorCode`, `bad-name`, `unsupported-algorithm`; of a request also `weak-key`, `weak-digest`,
 *   `no-possession`
 */
export function inspect(pem: string, { now = new Date() }: { readonly now?: Date } = {}): string {
  const label = /^\s*-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(pem)?.[1] ?? '';
  const text = Object.hasOwn(texts, label) ? texts[label] : undefined;
  if (text === undefined) {
    const found = label === '' ? 'no PEM at all' : `"${visible(label)}"`;
    throw new CaError('malformed', `a certificate, a certificate request or a CRL is expected, not ${found}`);
  }
  return text(pem, now);
}
