/** Every exported declaration has a doc comment that begins with a summary sentence. */
import ts from 'typescript';
import { expect, test } from 'vitest';
import { read, sourceFiles } from '../support/repository.ts';

const sources = ['packages', 'apps']
  .flatMap((folder) => sourceFiles(folder))
  .filter((path) => /^\w+\/[^/]+\/src\/.*\.ts$/.test(path));

/** Returns the names that a statement declares. */
function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => (ts.isIdentifier(name) ? name.text : '{}'));
  }
  const isNamed =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement);
  return isNamed && statement.name !== undefined ? [statement.name.text] : [];
}

/** Returns the names in `export { ... }` without a module. */
const listedIn = (statement: ts.Statement): string[] =>
  ts.isExportDeclaration(statement) &&
  statement.moduleSpecifier === undefined &&
  statement.exportClause !== undefined &&
  ts.isNamedExports(statement.exportClause)
    ? statement.exportClause.elements.map(({ name, propertyName }) => (propertyName ?? name).text)
    : [];

const isMarkedExport = (statement: ts.Statement): boolean =>
  ts.canHaveModifiers(statement) &&
  (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

/** Returns whether a doc comment with a summary stands on the lines above the statement, and is not that of the file. */
function isDescribed(statement: ts.Statement, text: string): boolean {
  const last = ts.getLeadingCommentRanges(text, statement.pos)?.at(-1);
  return (
    last !== undefined && last.pos > 0 && /^\/\*\*[\s*]*[^\s*@].*\*\/\n\S/s.test(text.slice(last.pos, last.end + 2))
  );
}

/** Returns the exported declarations of a source text that have no doc comment. */
function undescribed(path: string, text: string): string[] {
  const { statements } = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  const listed = new Set(statements.flatMap(listedIn));
  return statements.flatMap((statement) => {
    const names = namesOf(statement).filter((name) => isMarkedExport(statement) || listed.has(name));
    return names.length === 0 || isDescribed(statement, text) ? [] : names.map((name) => `${path}: ${name}`);
  });
}

test('finds a declaration without a doc comment, without a summary, apart from it, or with the comment of its file only', () => {
  expect(undescribed('a.ts', 'const a = 1;\nexport function b() {}\nclass C {}\nexport { a, C as D };')).toEqual([
    'a.ts: a',
    'a.ts: b',
    'a.ts: C',
  ]);
  expect(undescribed('a.ts', 'let a;\n/** @throws Error */\nexport function b() {}')).toEqual(['a.ts: b']);
  expect(undescribed('a.ts', '/** The file. */\n\nexport type A = 1;')).toEqual(['a.ts: A']);
  expect(undescribed('a.ts', 'let a;\n/** A type. */\n\nexport type A = 1;')).toEqual(['a.ts: A']);
  expect(undescribed('a.ts', '/** The file. */\n\n/** A number. */\nexport type A = 1;')).toEqual([]);
});

test('every exported declaration has a doc comment with a summary', () => {
  expect(sources.length).toBeGreaterThan(400);
  expect(sources.flatMap((path) => undescribed(path, read(path)))).toEqual([]);
});
