/** @chat/mini-ca: a CA and one of its certificates, which the other copies verify. */
import { CaError, createCA, createRequest, readCertificate, signCertificates, verifyCertificate } from '@chat/mini-ca';
import type { Conformance } from './conformance.ts';
import { expectError, expectSame } from './expect.ts';

interface Made {
  readonly anchor: string;
  readonly certificate: string;
}

const hostName = 'chat.example';

export const miniCa: Conformance<Made> = {
  checks: {
    'refuses the certificates of others': () =>
      expectError(CaError, 'unknown-issuer', () => {
        const ca = createCA({ commonName: 'one' });
        const leaf = signCertificates(createRequest(hostName).request, ca.certificate, ca.privateKey);
        const anchors = [createCA({ commonName: 'another' }).certificate];
        verifyCertificate(leaf, { anchors, at: new Date(), purpose: 'serverAuth' });
      }),

    'refuses what is no certificate': () =>
      expectError(CaError, 'malformed', () => readCertificate('not a certificate')),
  },

  make() {
    const { certificate, privateKey } = createCA({ commonName: 'Conformance CA' });
    return {
      anchor: certificate,
      certificate: signCertificates(createRequest(hostName).request, certificate, privateKey),
    };
  },

  async read({ anchor, certificate }) {
    const anchors = [anchor];
    const { path } = verifyCertificate(certificate, { anchors, at: new Date(), purpose: 'serverAuth' });
    expectSame(path[0]?.names.dns, [hostName]);
    const later = new Date(Date.now() + 2 * 24 * 60 * 60_000);
    await expectError(CaError, 'expired', () =>
      verifyCertificate(certificate, { anchors, at: later, purpose: 'serverAuth' }),
    );
  },
};
