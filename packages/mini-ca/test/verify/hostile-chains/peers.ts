/** Asks OpenSSL and GnuTLS about a chain. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@chat/testkit';
import { certtool, openssl, type Peer } from '../../support/peer.ts';
import type { Verdict } from '../../support/peer-verdicts.ts';
import { now } from './certificate-builder.ts';
import type { Chain } from './row.ts';

/** Asks other validators. Files live in a folder that is removed with the test. */
export class Peers {
  readonly #folder = temporaryFolder().path;

  /** `openssl verify`, as strict as it can be. */
  openssl(chain: Chain): Verdict {
    const { leaf, anchors, intermediates = [], crls, name } = chain;
    const at = String((chain.options?.at ?? now).getTime() / 1000);
    const purpose = chain.options?.purpose === 'clientAuth' ? 'sslclient' : 'sslserver';
    const args = ['verify', '-x509_strict', '-partial_chain', '-auth_level', '2', '-attime', at, '-purpose', purpose];
    args.push(
      '-CAfile',
      this.#file(
        'anchors.pem',
        anchors.map(({ pem }) => pem),
      ),
    );
    if (intermediates.length > 0)
      args.push(
        '-untrusted',
        this.#file(
          'intermediates.pem',
          intermediates.map(({ pem }) => pem),
        ),
      );
    if (crls !== undefined) args.push('-crl_check_all', '-CRLfile', this.#file('crls.pem', crls));
    // The program has no option to ignore the common name, as this library does.
    if (name !== undefined) args.push(/^[\d.]+$|:/.test(name) ? '-verify_ip' : '-verify_hostname', name);
    return this.#ask(openssl, [...args, this.#file('leaf.pem', [leaf.pem])]);
  }

  /** GnuTLS's `certtool --verify`, which takes the chain in the order in which a server sends it. */
  gnutls(chain: Chain): Verdict {
    const { leaf, anchors, intermediates = [], crls, name } = chain;
    const purpose = chain.options?.purpose === 'clientAuth' ? '1.3.6.1.5.5.7.3.2' : '1.3.6.1.5.5.7.3.1';
    const args = ['--verify', '--verify-profile', 'medium', '--verify-purpose', purpose];
    args.push(
      '--load-ca-certificate',
      this.#file(
        'anchors.pem',
        anchors.map(({ pem }) => pem),
      ),
    );
    if (crls !== undefined) args.push('--load-crl', this.#file('crls.pem', crls));
    if (name !== undefined) args.push('--verify-hostname', name);
    args.push(
      '--infile',
      this.#file(
        'chain.pem',
        [leaf, ...intermediates].map(({ pem }) => pem),
      ),
    );
    return this.#ask(certtool, args);
  }

  #file(name: string, blocks: readonly string[]): string {
    const path = join(this.#folder, name);
    writeFileSync(path, blocks.join(''));
    return path;
  }

  #ask(peer: Peer, args: readonly string[]): Verdict {
    return peer.ask(args).status === 0 ? 'accepts' : 'refuses';
  }
}
