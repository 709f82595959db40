/** `inspect`: describes a certificate, a request or a revocation list for people. */
import type { KeyObject } from 'node:crypto';
import { requireOptions, requireText, requireValidDate } from '../arguments.ts';
import { CaError } from '../errors.ts';
import { sha256Hex } from '../keys/digest.ts';
import { keyKindOf, spkiOf } from '../keys/key-policy.ts';
import { visible } from '../visible-text.ts';
import { parseCertificate } from '../x509/certificate.ts';
import { purposeIds, type ReadExtensions } from '../x509/extensions.ts';
import { keyUsageBits } from '../x509/key-usage.ts';
import { parseRequest } from '../x509/request.ts';
import { type ParsedCertificateList, parseCertificateList } from '../x509/revocation-list.ts';
import { algorithmText } from '../x509/signature-algorithm.ts';
import { moment, period } from './dates-text.ts';
import { layout, type Row } from './layout.ts';
import { alternativeLines, constraintLines, holderText } from './names-text.ts';

/** The number of entries shown of a revocation list. */
const maxRevokedShown = 100;

const purposeTexts: ReadonlyMap<string, string> = new Map([
  [purposeIds.serverAuth, 'TLS server'],
  [purposeIds.clientAuth, 'TLS client'],
  ['1.3.6.1.5.5.7.3.3', 'code signing'],
  ['1.3.6.1.5.5.7.3.4', 'mail'],
  ['1.3.6.1.5.5.7.3.8', 'time stamping'],
  ['1.3.6.1.5.5.7.3.9', 'OCSP signing'],
  ['2.5.29.37.0', 'any purpose'],
]);

function keyText(key: KeyObject): string {
  const bits = key.asymmetricKeyDetails?.modulusLength;
  const kind = keyKindOf(key);
  return bits === undefined ? (kind === 'ed25519' ? 'Ed25519' : `EC ${kind}`) : `${kind.toUpperCase()} ${bits} bits`;
}

function keyRows(key: KeyObject): Row[] {
  return [['key', [keyText(key), `SHA-256 ${sha256Hex(spkiOf(key))}`]]];
}

/** Returns the rows for the purposes of the key and the limits in the extensions. */
function useRows({ isCA, pathLength, purposes, keyUsage = 0, nameConstraints, notUnderstood }: ReadExtensions): Row[] {
  const below = pathLength === undefined ? 'any number of CAs' : pathLength === 0 ? 'no CA' : `up to ${pathLength} CAs`;
  const uses = Object.entries(keyUsageBits).flatMap(([use, bit]) => ((keyUsage & bit) !== 0 ? [use] : []));
  return [
    ['CA', isCA === true ? `yes, with ${below} below it` : 'no'],
    ['purposes', (purposes ?? []).map((oid) => purposeTexts.get(oid) ?? oid)],
    ['key usage', uses.join(', ') || []],
    ['limits', nameConstraints === undefined ? [] : constraintLines(nameConstraints)],
    ['warning', notUnderstood.map((oid) => `critical extension ${oid}, which is not supported`)],
  ];
}

function certificateText(pem: string, now: Date): string {
  const { info, extensions, algorithm, issuerName, subjectName } = parseCertificate(pem);
  const isRoot = Buffer.compare(issuerName, subjectName) === 0;
  return layout('Certificate', [
    ['subject', holderText(info.subject)],
    ['names', alternativeLines(info.names)],
    ['unusable', info.unusableNames.map(visible)],
    ['issuer', isRoot ? `${holderText(info.issuer)} (self-issued)` : holderText(info.issuer)],
    ['valid', period(info.notBefore, info.notAfter, now)],
    ...useRows(extensions),
    ...keyRows(info.publicKey),
    ['signature', algorithmText(algorithm)],
    ['serial', info.serial],
    ['SHA-256', info.fingerprint],
  ]);
}

function requestText(pem: string): string {
  const { info, requested } = parseRequest(pem);
  return layout('Certificate request (signature verified)', [
    ['subject', holderText(info.names)],
    ['names', alternativeLines(info.names)],
    ...useRows(requested),
    ...keyRows(info.publicKey),
  ]);
}

function listWarnings({ notUnderstood, scope, damage }: ParsedCertificateList): string[] {
  return [
    ...notUnderstood.map((oid) => `critical extension ${oid}, which is not supported`),
    ...(scope === 'complete' ? [] : [`not a complete list of the issuer, but a list of the kind "${scope}"`]),
    ...(damage === null ? [] : [`an entry that cannot be read: ${damage.message}`]),
  ];
}

function listText(pem: string, now: Date): string {
  const list = parseCertificateList(pem);
  const all = [...list.revoked.values()];
  const shown = all.slice(0, maxRevokedShown).map(({ serial, revokedAt, reason }) => {
    return `${serial}  ${moment(revokedAt)}  ${reason ?? 'no reason given'}`;
  });
  const more = all.length - shown.length;
  return layout('Certificate revocation list', [
    ['issuer', holderText(list.issuerName.names)],
    ['number', list.number === undefined ? 'none' : String(list.number)],
    ['valid', period(list.thisUpdate, list.nextUpdate, now)],
    ['revoked', [String(all.length), ...shown, ...(more > 0 ? [`and ${more} more`] : [])]],
    ['warning', listWarnings(list)],
    ['signature', algorithmText(list.algorithm)],
    ['SHA-256', sha256Hex(list.der)],
  ]);
}

const texts: Readonly<Record<string, (pem: string, now: Date) => string>> = {
  CERTIFICATE: certificateText,
  'CERTIFICATE REQUEST': requestText,
  'X509 CRL': listText,
};

/**
 * Describes a certificate, a request or a revocation list as text: subject, issuer, validity, purposes, key. Names are made safe
 * for a terminal. The text shows the content, not whether it is trusted.
 *
 * @param pem one PEM block
 * @param options `now`: the time from which the remaining time is counted. Default: the time of the system
 * @returns lines, each with a line break
 * @throws CaError `FormErrorCode`, `bad-name`, `unsupported-algorithm`; of a request also `weak-key`, `weak-digest`,
 *   `no-possession`
 */
export function inspect(pem: string, options: { readonly now?: Date } = {}): string {
  requireText('pem', pem);
  requireOptions('inspect', options, { now: true });
  const { now = new Date() } = options;
  requireValidDate('now', now);
  const label = /^[^\S\r\n]*-----BEGIN ([A-Z0-9 ]{1,40})-----/m.exec(pem)?.[1] ?? '';
  const text = Object.hasOwn(texts, label) ? texts[label] : undefined;
  if (text === undefined) {
    const found = label === '' ? 'text that is not PEM' : `"${visible(label)}"`;
    throw new CaError('malformed', `expected a certificate, a certificate request or a CRL, not ${found}`);
  }
  return text(pem, now);
}
