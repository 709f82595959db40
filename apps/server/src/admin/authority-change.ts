/** Changes the CAs of a server, in a running server and without one. */
import { readCertificate } from '@chat/mini-ca';
import {
  announce,
  type Chain,
  type ChainParts,
  cancel,
  endOld,
  historyOf,
  pendingLink,
  readChain,
} from '../data/authority-chain.ts';
import type { AdminRequest, AdminResult } from './admin-operation.ts';

/**
 * Carries the action out.
 *
 * @throws CommandError `authority`
 */
export async function changeAuthority(
  { action, inMs }: AdminRequest<'authority'>,
  parts: ChainParts,
): Promise<AdminResult<'authority'>> {
  return stateOf(await changed(action, inMs, parts), parts);
}

function changed(action: AdminRequest<'authority'>['action'], inMs: number, parts: ChainParts): Promise<Chain> {
  switch (action) {
    case 'announce':
      return announce(parts, inMs);
    case 'cancel':
      return cancel(parts);
    case 'end-old':
      return endOld(parts);
    case 'status':
      return readChain(parts.directory, parts.authority.certificate);
  }
}

function stateOf(chain: Chain, { authority: { certificate, fingerprint } }: ChainParts): AdminResult<'authority'> {
  const next = pendingLink(chain, certificate);
  return {
    fingerprint,
    endsAt: readCertificate(certificate).notAfter.getTime(),
    next:
      next === null
        ? null
        : { fingerprint: readCertificate(next.succession.certificate).fingerprint, from: next.succession.from },
    accepted: historyOf(chain, certificate).crossed.length,
  };
}
