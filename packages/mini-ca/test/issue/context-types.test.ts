/** The context of an authority is typed by its `authorise`. The compiler checks the lines marked `@ts-expect-error`. */
import { rejectedCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import {
  type Application,
  CertificateAuthority,
  createCA,
  createRequest,
  type Grant,
  MemoryLedger,
} from '../../src/index.ts';

const root = createCA({ size: 'P-256' });
const { request } = createRequest('alice');
const grant: Grant = { profile: 'client', names: { commonName: 'alice' } };
const options = () => ({ ...root, ledger: new MemoryLedger() });

test('a grant is the context of an authority that names no other, and without one it refuses', async () => {
  const ca: CertificateAuthority = new CertificateAuthority({ ...options(), authorise: ({ context }) => context });
  expect((await ca.issue(request, grant)).certificate).toContain('CERTIFICATE');
  expect(await rejectedCode(ca.issue(request))).toBe('not-authorised');
  // @ts-expect-error: text is no grant
  expect(await rejectedCode(ca.issue(request, 'alice'))).toBe('bad-argument');
});

test('authorise receives null when the caller passes no context', async () => {
  const seen: unknown[] = [];
  const ca = new CertificateAuthority({
    ...options(),
    authorise: ({ context }) => {
      seen.push(context);
      return grant;
    },
  });
  await ca.issue(request);
  await ca.issue(ca.check(request, grant));
  expect(seen).toEqual([null, null]);
});

test('a context that the parameter of authorise names is required, unless it may be missing', async () => {
  const authorise = ({ context }: Application<string>) => (context === 'alice' ? grant : null);
  const ca = new CertificateAuthority({ ...options(), authorise });
  expect((await ca.issue(request, 'alice')).certificate).toContain('CERTIFICATE');
  // @ts-expect-error: the context is missing
  expect(await rejectedCode(ca.issue(request))).toBe('not-authorised');
  const free = new CertificateAuthority<void>({ ...options(), authorise: () => grant });
  expect((await free.issue(request)).certificate).toContain('CERTIFICATE');
});

test('an authorise that forgets to return is an error of the compiler', () => {
  // @ts-expect-error: it must return a grant or null
  expect(new CertificateAuthority({ ...options(), authorise: () => {} })).toBeDefined();
});
