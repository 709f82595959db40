/** Expressions that STYLE.md rules out do not occur in code, documents and messages. */
import { expect, test } from 'vitest';
import { read, sourceFiles } from '../support/repository.ts';

/** `nobody-there` is an error code of the command-line client. */
const pronouns = 'whoever|whomever|whosever|somebody|nobody(?!-there)|anybody|everybody|themself|oneself';
const sayings = 'told on|at sight of|comes to|come to nothing|of use|the like|thrown out|shut out|for good and all';
const passive = '(is|are|was|were|be|been|being) told';
const ruledOut = new RegExp(`\\b(${pronouns}|${sayings}|${passive})\\b`, 'gi');

/** Files that list the expressions, or whose text is fixed: test vectors, and the files that generate them. */
const exempt = [
  /^(STYLE\.md|docs\/glossary\.md|LICENSE|pnpm-lock\.yaml|test\/house\/words\.test\.ts)$/,
  /^vectors\/.*\.(json|pem)$/,
  /\/vectors\/.*\.(json|pem)$/,
  /^test\/support\/vectors\/(admission-breaches|conversation|conversation-breaches)\.ts$/,
  /^test\/fixtures\/.*\/(server|profiles)\//,
];

test('no file uses an expression that STYLE.md rules out', () => {
  const paths = sourceFiles().filter((path) => !exempt.some((pattern) => pattern.test(path)));
  expect(paths.length).toBeGreaterThan(500);
  const found = paths.flatMap((path) =>
    read(path)
      .split('\n')
      .flatMap((line, index) => (line.match(ruledOut) ?? []).map((words) => `${path}:${index + 1}: ${words}`)),
  );
  expect(found).toEqual([]);
});
