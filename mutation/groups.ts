/** The code that is mutated, in groups, and the tests that must notice. Paths are relative to the repository. */

/** A part of the code, and the tests that must fail when it changes. */
export interface Group {
  /** Patterns of the source files. */
  readonly mutate: readonly string[];
  /** Patterns of the test files. */
  readonly tests: readonly string[];
}

const packageTests = (name: string): readonly string[] => [`packages/${name}/test/**/*.test.ts`];

/** The groups by name. */
export const groups: Readonly<Record<string, Group>> = {
  fernet: { mutate: ['packages/fernet/src/{keys,token}/**/*.ts'], tests: packageTests('fernet') },
  'ecdh-hub': { mutate: ['packages/ecdh-hub/src/{group,keys,link,wrap}/**/*.ts'], tests: packageTests('ecdh-hub') },
  signatures: {
    mutate: ['packages/signatures/src/{challenge,encoding,keys,signing}/**/*.ts'],
    tests: packageTests('signatures'),
  },
  // The tests beside this code only: those of the whole package take minutes for each change that none of them notices.
  'mini-ca-verify': {
    mutate: ['packages/mini-ca/src/verify/**/*.ts'],
    tests: ['packages/mini-ca/test/verify/**/*.test.ts'],
  },
  room: {
    mutate: [
      'packages/room/src/{apply,compose,keys}/**/*.ts',
      'packages/room/src/{people,state,author-view,padding}.ts',
    ],
    tests: [...packageTests('room'), 'test/rules-agree.test.ts'],
  },
  'server-rules': {
    mutate: ['packages/server-core/src/{domain/entry-rules,throttle}/**/*.ts'],
    tests: [...packageTests('server-core'), 'test/rules-agree.test.ts'],
  },
  // As above, and the tests of what uses the keys.
  'client-keys': {
    mutate: ['packages/client/src/{identity,keys}/**/*.ts'],
    tests: ['packages/client/test/{identity,keys,membership}/**/*.test.ts'],
  },
};
