/** Other programs that handle certificates, and the versions of them with which the tests of this package were checked. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { isFullRun, temporaryFolder } from '@chat/testkit';
import { expect } from 'vitest';

/** The end of one run of a peer. */
export interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  /** Standard output, then standard error. */
  readonly text: string;
}

/** How to run a peer. */
export interface AskOptions {
  /** The standard input. Default: empty. */
  readonly input?: string;
  /** The working directory. Default: that of this process. */
  readonly cwd?: string;
}

/** The settings of the system and of the user do not reach a peer: neither its configuration nor its language. */
const { path: folder } = temporaryFolder();
const opensslConfig = join(folder, 'openssl.cnf');
writeFileSync(
  opensslConfig,
  [
    '[req]\ndistinguished_name=subject\nx509_extensions=root\n[subject]',
    '[root]\nbasicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always,issuer\n',
  ].join('\n'),
);
const gnutlsConfig = join(folder, 'gnutls.config');
writeFileSync(gnutlsConfig, '');
const env = {
  ...process.env,
  LC_ALL: 'C',
  LANGUAGE: '',
  OPENSSL_CONF: opensslConfig,
  GNUTLS_SYSTEM_PRIORITY_FILE: gnutlsConfig,
};

export class Peer {
  readonly name: string;
  readonly #program: string;
  /** The version, the first line that the program prints where this is not recognized, or null where there is no program. */
  readonly version: string | null;
  /**
   * True if a difference is a failure: in the full run, and with a version with which the tests of this package were checked. Elsewhere it
   * says something about the version that a user happens to have.
   */
  readonly isBinding: boolean;

  /** @param pattern matches the version in what `versionCommand` prints */
  constructor(
    name: string,
    [program, ...versionCommand]: readonly [string, string],
    pattern: RegExp,
    listed: string[],
  ) {
    this.name = name;
    this.#program = program;
    const { stdout } = spawnSync(program, versionCommand, { env, encoding: 'utf8' });
    this.version = stdout ? (pattern.exec(stdout)?.[1] ?? stdout.split('\n', 1)[0] ?? '') : null;
    this.isBinding = isFullRun || this.version === null || listed.includes(this.version);
  }

  /** Runs the program. Throws when it cannot be started. */
  ask(args: readonly string[], { input = '', cwd }: AskOptions = {}): Answer {
    const options = { env, input, encoding: 'utf8', ...(cwd !== undefined && { cwd }) } as const;
    const { status, stdout, stderr, error } = spawnSync(this.#program, args, options);
    if (error !== undefined) throw error;
    return { status, stdout, text: stdout + stderr };
  }

  /** Runs the program and returns what it prints. Throws when it fails. */
  make(args: readonly string[], options?: AskOptions): string {
    const { status, text } = this.ask(args, options);
    if (status !== 0) throw new Error(`${this.#program} ${args.join(' ')}: ${text}`);
    return text;
  }

  /**
   * Wraps a test that depends on the peer. Where the peer is not binding, a failure is printed as a difference of its version, and does not
   * fail the run.
   */
  test<Args extends readonly unknown[]>(
    body: (...args: Args) => void | Promise<void>,
  ): (...args: Args) => Promise<void> {
    return async (...args) => {
      try {
        await body(...args);
      } catch (error) {
        if (this.isBinding) throw error;
        this.report(`${expect.getState().currentTestName}: ${explain(error)}`);
      }
    };
  }

  /** Prints how a version that is not listed differs. */
  report(difference: string): void {
    console.warn(`${this.name} ${this.version}, with which this package was not checked yet: ${difference}`);
  }
}

/** The values of a failed assertion, which its message abridges. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!('expected' in error && 'actual' in error)) return error.message;
  return `expected ${inspect(error.expected)}, got ${inspect(error.actual)}`;
}

export const openssl = new Peer('OpenSSL', ['openssl', 'version'], /^OpenSSL (\d+\.\d+\.\d+) /, [
  '3.0.17',
  '3.0.19',
  '3.0.20',
  '3.0.22',
  '3.5.9',
]);

export const certtool = new Peer('GnuTLS', ['certtool', '--version'], /^certtool (\d+\.\d+\.\d+)$/m, [
  '3.7.9',
  '3.8.9',
]);
