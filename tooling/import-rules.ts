/** The import rules of ARCHITECTURE.md. `test/import-rules.test.ts` checks them. */
import type { ICruiseOptions, IRegularForbiddenRuleType } from 'dependency-cruiser';
import { layers } from './layers.ts';

const ours = '^(packages|apps|examples)/';
const source = (name: string) => `^packages/${name}/src/`;

type Rule = Pick<IRegularForbiddenRuleType, 'from' | 'to'>;

const never = (name: string, from: Rule['from'], to: Rule['to']): IRegularForbiddenRuleType => ({
  name,
  severity: 'error',
  from,
  to,
});

/** Each package of this repository, and the others that its sources may import. */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  'packages/fernet': [],
  'packages/signatures': [],
  'packages/ecdh-hub': [],
  'packages/mini-ca': [],
  'packages/protocol': [],
  'packages/room': ['fernet', 'signatures', 'ecdh-hub', 'protocol'],
  'packages/client': ['room', 'fernet', 'signatures', 'mini-ca', 'message-store', 'protocol', 'durable-files'],
  'packages/server-core': ['protocol', 'signatures', 'mini-ca'],
  'packages/store-sqlite': ['server-core', 'mini-ca', 'protocol', 'durable-files'],
  'packages/message-store': ['durable-files'],
  'packages/durable-files': [],
  'packages/testkit': [],
  'packages/command-line': [],
  'packages/safe-text': [],
  'packages/terminal-screen': [],
  'apps/server': [
    'command-line',
    'safe-text',
    'server-core',
    'store-sqlite',
    'mini-ca',
    'protocol',
    'durable-files',
    'fernet',
  ],
  'apps/cli': ['command-line', 'safe-text', 'terminal-screen', 'client', 'protocol'],
  'apps/demo': ['client', 'protocol', 'store-sqlite'],
  'examples/issue-cert': ['mini-ca'],
  'examples/encrypt-file': ['fernet'],
  'examples/sign-release': ['signatures'],
  'examples/share-key': ['ecdh-hub'],
  'examples/echo-bot': ['client', 'protocol'],
  'examples/embedded-server': ['server-core', 'store-sqlite', 'mini-ca', 'protocol'],
};

const packageRules = Object.entries(mayImport).map(([from, names]) =>
  never(
    `${from} imports only what it may`,
    { path: `^${from}/src/` },
    { path: ours, pathNot: [`^${from}/src/`, ...names.map(source)] },
  ),
);

/** Files that may name no Node module. Of the packages with two backends only the native one does. */
const portable = [
  '^packages/(fernet|signatures|ecdh-hub)/src/(?!backend/native|node)',
  '^packages/protocol/src/(?!backend/native)',
  '^packages/room/src/',
  '^packages/(client|message-store)/src/(?!node/)',
];

/** The Node modules that mini-ca uses, and the files that may use each. Types of `node:crypto` (`KeyObject`) stand in more files. */
const nodeModulesOfMiniCa: Readonly<Record<string, readonly string[]>> = {
  crypto: ['keys/', 'x509/(signature-algorithm|serial-number)\\.ts', 'ledger/ledger-lock\\.ts'],
  'fs|fs/promises|path': ['ledger/(file-ledger|ledger-lock)\\.ts'],
  net: ['x509/names/ip-address\\.ts'],
  'assert/strict': ['contract/'],
};

const miniCaRules = [
  ...Object.entries(nodeModulesOfMiniCa).map(([modules, files]) =>
    never(
      `mini-ca: few files use node:${modules}`,
      { path: source('mini-ca'), pathNot: files.map((file) => `${source('mini-ca')}${file}`) },
      { path: `^(node:)?(${modules})$`, dependencyTypesNot: ['type-only'] },
    ),
  ),
  never(
    'mini-ca: no other Node module',
    { path: source('mini-ca') },
    { dependencyTypes: ['core'], pathNot: `^(node:)?(${Object.keys(nodeModulesOfMiniCa).join('|')})$` },
  ),
  never(
    'mini-ca: reading DER and verifying paths name no Node module',
    { path: `${source('mini-ca')}(der/|verify/|errors|visible-text)` },
    { dependencyTypes: ['core'] },
  ),
];

/** A layer imports only itself and those before it. */
const layerRules = Object.entries(layers).flatMap(([folder, names]) => {
  const paths = names.map((name) => `^${folder}/src/${name}(/|\\.ts$)`);
  return paths.map((path, index) =>
    never(
      `${folder}: ${names[index]} imports no later layer`,
      { path },
      { path: `^${folder}/src/`, pathNot: paths.slice(0, index + 1) },
    ),
  );
});

export const rules: ICruiseOptions = {
  validate: true,
  ruleSet: {
    forbidden: [
      never('no import cycles', {}, { circular: true }),
      never('nothing unresolved', {}, { couldNotResolve: true }),
      ...packageRules,
      ...layerRules,
      ...miniCaRules,
      never(
        'server-core: wire sees only the protocol',
        { path: '^packages/server-core/src/wire/' },
        { path: ours, pathNot: ['^packages/server-core/src/wire/', source('protocol')] },
      ),
      never(
        'server-core: the domain knows no sockets',
        { path: '^packages/server-core/src/(identity|domain|handlers)/' },
        { path: '^(node:)?(tls|fs|http|http2|dgram)$' },
      ),
      never(
        'the four libraries import no package but @noble and @scure/base',
        { path: '^packages/(fernet|signatures|ecdh-hub|mini-ca)/src/' },
        { path: '(^|/)node_modules/', pathNot: '/node_modules/(@noble|@scure/base)/' },
      ),
      never(
        'store-sqlite: the thread of the store loads no package whole, so that it starts quickly',
        { path: `${source('store-sqlite')}(errors|sqlite-error|conflict|operation|file/|tables/|thread/(?!client))` },
        {
          path: '^packages/(mini-ca|protocol|server-core)/src/',
          pathNot: source('server-core').replace(/$/, 'ports/wrap-sheet\\.ts$'),
          dependencyTypesNot: ['type-only'],
        },
      ),
      never(
        'server-core: the sheets load nothing but the wraps of the protocol',
        { path: `${source('server-core')}ports/wrap-sheet\\.ts$` },
        { path: ours, pathNot: `${source('protocol')}wraps\\.ts$`, dependencyTypesNot: ['type-only'] },
      ),
      never(
        'apps/server: only the file of a backup is encrypted or decrypted',
        { path: '^apps/server/src/', pathNot: '^apps/server/src/backup/backup-format\\.ts$' },
        { path: source('fernet') },
      ),
      never('portable code names no Node module', { path: portable }, { dependencyTypes: ['core'] }),
      never(
        'the testkit is for tests',
        { path: '/src/', pathNot: '^packages/testkit/' },
        { path: '^packages/testkit/' },
      ),
    ],
  },
  doNotFollow: { path: 'node_modules' },
  exclude: { path: '(^|/)dist/' },
  tsPreCompilationDeps: true,
  enhancedResolveOptions: {
    exportsFields: ['exports'],
    conditionNames: ['@chat/source', 'node', 'import', 'types', 'default'],
    extensions: ['.ts', '.js', '.mjs', '.json'],
  },
};
