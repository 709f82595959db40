/**
 * Refuses requests that ask for more than is granted. Nothing but the key is taken from a request in any case; the refusal tells
 * the requester what was not granted, and makes attempts visible to the operator.
 */
import { CaError, quoted } from '../errors.ts';
import { purposeIds } from '../x509/extensions.ts';
import { keyUsageBits } from '../x509/key-usage.ts';
import { alternativeKinds, type Names } from '../x509/names/names.ts';
import type { ParsedRequest } from '../x509/request.ts';
import type { Profile } from './profile.ts';
import { requireNameKinds } from './profile-rules.ts';

/** The extensions that may be critical in a request, because this file examines them. */
const examinedExtensions: ReadonlySet<string> = new Set([
  '2.5.29.14',
  '2.5.29.15',
  '2.5.29.17',
  '2.5.29.19',
  '2.5.29.37',
]);

function requireNoCa({ pathLength }: Profile, { requested }: ParsedRequest): void {
  const signs = ((requested.keyUsage ?? 0) & (keyUsageBits.keyCertSign | keyUsageBits.cRLSign)) !== 0;
  if (pathLength !== undefined || !(requested.isCA === true || signs)) return;
  throw new CaError('ca-not-allowed', 'the request is for a CA certificate, which this profile does not allow');
}

function requirePurposes({ purposes }: Profile, { requested }: ParsedRequest): void {
  const allowed = purposes.map((purpose) => purposeIds[purpose]);
  const more = requested.purposes?.find((oid) => !allowed.includes(oid));
  if (more === undefined) return;
  throw new CaError('purpose-not-allowed', `the request is for the purpose ${more}, which this profile does not have`);
}

function requireKnownExtensions({ critical }: ParsedRequest): void {
  const unknown = critical.find((oid) => !examinedExtensions.has(oid));
  if (unknown === undefined) return;
  throw new CaError(
    'extension-not-allowed',
    `the request has the critical extension ${unknown}, which is never granted`,
  );
}

function alternativesOf(names: Names): string[] {
  return alternativeKinds.flatMap((kind) => names[kind] ?? []);
}

/**
 * Requires that every requested name is granted. The field does not matter, because requesters write the name of a host or user
 * into the subject, the alternative names or both. Case does not matter either.
 */
function requireGrantedNames(granted: Names, asked: Names): void {
  const texts = [granted.commonName ?? '', ...alternativesOf(granted)];
  const folded = new Set(texts.map((text) => text.toLowerCase()));
  const isGranted = (name: string) => folded.has(name.toLowerCase());
  const { commonName, organization } = asked;
  const refused =
    alternativesOf(asked).find((name) => !isGranted(name)) ??
    (commonName !== undefined && !isGranted(commonName) ? commonName : undefined) ??
    (organization !== granted.organization ? organization : undefined);
  if (refused === undefined) return;
  throw new CaError('name-not-granted', `the request asks for the name ${quoted(refused)}, which was not granted`);
}

/**
 * Requires that a request asks for nothing that is not granted.
 *
 * @throws CaError `extension-not-allowed`, `ca-not-allowed`, `purpose-not-allowed`, `name-kind-not-allowed`,
 *   `wildcard-not-allowed`, `look-alike-name`, `name-not-granted`
 */
export function requireOnlyGranted(profile: Profile, granted: Names, request: ParsedRequest): void {
  requireKnownExtensions(request);
  requireNoCa(profile, request);
  requirePurposes(profile, request);
  requireNameKinds(profile, request.info.names);
  requireGrantedNames(granted, request.info.names);
}
