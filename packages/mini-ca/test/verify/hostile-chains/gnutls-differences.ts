/** The rows for which the verdict of GnuTLS differs from ours. */
import type { Difference } from '../../support/peer-verdicts.ts';
import { listParts } from './list-parts.ts';

interface Differences extends Difference {
  /** The rows, by `what`. */
  readonly rows: readonly string[];
}

const differences: readonly Differences[] = [
  {
    clause: '7.1: case and type of string do not matter in names',
    rows: ['the issuer’s name in another case and type of string'],
  },
  {
    clause: '6.1.4 (k): a version 3 certificate without basic constraints is no CA; here of anchors too',
    rows: ['no basic constraints: anchor'],
  },
  {
    clause: '6.1 has no bound on depth or number; the bounds are ours',
    rows: ['nine intermediates', 'over a hundred intermediates', 'a hundred names under three thousand constraints'],
  },
  {
    clause: '4.2: what is critical and cannot be processed is refused; policies are not processed here',
    rows: ['critical certificate policies', 'inhibitAnyPolicy', 'inhibitAnyPolicy that is not marked critical'],
  },
  {
    clause: '4.2.1.12: an application may require the purpose itself',
    rows: ['a leaf for any purpose', 'a leaf without extended key usage'],
  },
  { clause: '4.2.1.12: anyExtendedKeyUsage restricts nothing', rows: ['an intermediate for any purpose'] },
  { clause: 'RFC 5937: what an anchor says of itself holds too', rows: ['an anchor for clients only'] },
  { clause: '4.2.1.3: TLS 1.3 signs, which needs digitalSignature', rows: ['a leaf that may only encipher keys'] },
  { clause: '4.2.1.9: keyCertSign is for CAs only', rows: ['a leaf with keyCertSign'] },
  {
    clause: '6.1 lets it pass; CA keys are for signing certificates here',
    rows: ['a leaf that is a CA', 'the anchor as a leaf'],
  },
  { clause: '4.2.1.9: self-issued certificates do not count', rows: ['the same below a path length of 0'] },
  {
    clause: '4.2.1.10: constraints on a form do not touch certificates without a name of that form',
    rows: ['DNS: no name of a constrained form', 'the same, not used'],
  },
  {
    clause: '4.2.1.10: IPv4 and IPv6 are one form, so permitting one excludes the other',
    rows: ['IPv6 where only IPv4 is permitted', 'IPv6 that begins with the bytes of a permitted IPv4'],
  },
  {
    clause: '4.2.1.6: a host name is ASCII',
    rows: ['a host name that cannot be read, under constraints of host names'],
  },
  {
    clause: '6.1.3 (c): a wildcard stands for every name in its place',
    rows: ['DNS: a wildcard that has an excluded name'],
  },
  {
    clause: '4.2.1.10: permitted subtrees hold for URIs and directory names too, and for intermediates',
    rows: [
      'URI: another host',
      'URI: below the host',
      'URI: another host behind a user name',
      'URI: without a host',
      'URI: a host that is not its own',
      'directory: among the alternative names',
      'directory: not permitted',
      'an intermediate outside of the constraints',
    ],
  },
  {
    clause: 'RFC 9525 section 2: common names are not looked at',
    rows: ['the common name where there are no alternative names'],
  },
  {
    clause: '6.1: one valid path is enough, and it is for the validator to find it (RFC 4158)',
    rows: [
      'an expired certificate of the intermediate beside a good one',
      'a constrained certificate of the intermediate beside a free one',
      'revoked on one way to the root, not on the other',
    ],
  },
  {
    clause: '6.3.3: without a list that is current, signed by its issuer and understood, the status is not known',
    rows: [
      'no list of the root',
      'no list of the intermediate',
      'a stale list',
      'a stale list, where unknown ones are allowed',
      'a list of tomorrow',
      'a list that another key signed',
      'a list of another key of the same name',
      'a list of the same key in another name',
      'a list of a CA that may not sign lists',
      'a list over SHA-1',
      'an unknown critical extension of the list',
      'a delta list',
      'a delta list that does not say so critically',
      'a list of CAs that does not say so critically',
      ...listParts.flatMap(({ what, verdict }) => (verdict === 'accepted' || verdict === 'revoked' ? [] : [what])),
      'an indirect list that does not say so critically',
      'an unknown critical extension of an entry',
      'an entry of another issuer’s certificate',
    ],
  },
];

/** The difference of each row that has one, by the row's `what`. */
export const gnutlsDifferences: ReadonlyMap<string, Difference> = new Map(
  differences.flatMap(({ rows, ...difference }) => rows.map((row) => [row, difference] as const)),
);
