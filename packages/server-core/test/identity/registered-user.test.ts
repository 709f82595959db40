/** The proof of an identity key, and the user that a session keeps after it. */
import { loginStatement, toBase64url } from '@chat/protocol';
import { generateSigner, importVerifier, type Verifier } from '@chat/signatures';
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { requireProof, withKeyOnDemand } from '../../src/identity/registered-user.ts';

const place = { serverId: '0'.repeat(64), nonce: 'nonce', channel: 'channel' };
const statement = loginStatement(place, 'alice');

function registered(revoked = false) {
  const signer = generateSigner();
  const verifier = importVerifier(signer.publicKey, { lowS: true });
  const key = toBase64url(signer.publicKey);
  const user = { user: 'alice', fingerprint: signer.fingerprint, key, verifier, revoked };
  return { user, signature: toBase64url(signer.sign(statement.domain, statement.data)) };
}

test('a proof is checked off the main thread', async () => {
  const { user, signature } = registered();
  const verifier: Verifier = {
    ...user.verifier,
    verify: () => {
      throw new Error('The main thread checks a signature for a stranger.');
    },
  };
  expect(await requireProof({ ...user, verifier }, statement, signature)).toMatchObject({ user: 'alice' });
});

test('only the owner of the key learns that the name is registered, or revoked', async () => {
  const { user, signature } = registered();
  const other = registered();
  const revoked = registered(true);
  const code = (...args: Parameters<typeof requireProof>) => rejectedCode(requireProof(...args));
  expect(await code(user, statement, other.signature)).toBe('login-refused');
  expect(await code(revoked.user, statement, other.signature)).toBe('login-refused');
  expect(await code(null, statement, signature)).toBe('login-refused');
  expect(await code(user, loginStatement({ ...place, nonce: 'other' }, 'alice'), signature)).toBe('login-refused');
  expect(await code(revoked.user, statement, revoked.signature)).toBe('access-revoked');
});

test('a session keeps the key of its user, but no imported one', async () => {
  const { user, signature } = registered();
  const kept = withKeyOnDemand(user);
  expect({ ...kept, verifier: null }).toEqual({
    user: 'alice',
    fingerprint: user.fingerprint,
    key: user.key,
    verifier: null,
  });
  expect(kept.verifier).not.toBe(kept.verifier);
  expect(kept.verifier.fingerprint).toBe(user.fingerprint);
  const check = { domain: statement.domain, data: statement.data, signature: Buffer.from(signature, 'base64url') };
  expect(kept.verifier.verify(check.domain, check.data, check.signature)).toBe(true);
  const { user: other } = registered();
  expect(withKeyOnDemand(other).verifier.verify(check.domain, check.data, check.signature)).toBe(false);
});
