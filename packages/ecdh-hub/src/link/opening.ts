/**
 * The opening of a link: the bytes from which the recipient makes its end of the link. All of it may be public.
 *
 *     version (1) | suite (1) | confirmation (16) | encapsulation
 */
import { concat, requireBytes } from '../encoding/bytes.ts';
import { HubError } from '../errors.ts';
import { type SuiteParameters, suiteOfId } from '../suite.ts';
import { confirmationBytes } from './root.ts';

/** The contents of an opening. */
export interface Opening {
  readonly suite: SuiteParameters;
  readonly confirmation: Uint8Array;
  readonly encapsulation: Uint8Array;
}

const formatVersion = 1;
const headerBytes = 2 + confirmationBytes;

/** Encodes an opening: 18 bytes more than the encapsulation. */
export function encodeOpening({ suite, confirmation, encapsulation }: Opening): Uint8Array {
  return concat([Uint8Array.of(formatVersion, suite.id), confirmation, encapsulation]);
}

/**
 * Decodes an opening. Accepts one version, the known suites and the exact length only.
 *
 * @returns the opening, in memory of its own
 * @throws HubError `invalid-link`
 */
export function decodeOpening(bytes: Uint8Array): Opening {
  requireBytes(bytes, 'the opening of a link', {
    minBytes: headerBytes,
    maxBytes: Number.MAX_SAFE_INTEGER,
    code: 'invalid-link',
  });
  const [version, id = 0] = bytes;
  if (version !== formatVersion) {
    refuse(`has version ${version}, known is ${formatVersion}: it is damaged or cut, or needs an update`);
  }
  const suite = suiteOfId(id) ?? refuse(`has the unknown suite ${id}: it is damaged or cut, or needs an update`);
  const length = headerBytes + suite.encapsulationBytes;
  if (bytes.length !== length) {
    refuse(`should be ${length} bytes and is ${bytes.length}: it is cut or extended`);
  }
  return { suite, confirmation: bytes.slice(2, headerBytes), encapsulation: bytes.slice(headerBytes) };
}

function refuse(fault: string): never {
  throw new HubError('invalid-link', `this opening of a link ${fault}`);
}
