import { type Child, runChild, startChild } from '@chat/testkit';
import { describe, expect, test } from 'vitest';

const node = (script: string, input?: string) =>
  startChild(process.execPath, ['-e', script], input === undefined ? {} : { input });
const forEver = 'setInterval(() => {}, 1_000_000);';

describe('a child', () => {
  test('returns its output, exit code and signal', async () => {
    const written = await node('console.log("üut"); console.error("err"); process.exitCode = 3').ended;
    expect(written).toEqual({ code: 3, signal: null, out: 'üut\n', err: 'err\n' });
    const killed = node(`console.log(process.pid); ${forEver}`);
    expect((await killed.prints(/^(\d+)\n/))[1]).toBe(String(killed.pid));
    expect(await killed.kill('SIGTERM')).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(killed.hasEnded).toBe(true);
  });

  test('gets its arguments, environment, working directory and input unchanged', async () => {
    const script = 'process.stdin.pipe(process.stdout); console.log(process.argv[1], process.env.A, process.cwd());';
    const options = { cwd: '/', env: { A: 'b c' }, input: 'in' };
    expect((await runChild(process.execPath, ['-e', script, `$A '"`], options)).out).toBe(`$A '" b c /\nin`);
  });

  test('inherits no descriptor but the three standard ones', async () => {
    // Node may have a file of its own there. The guard's pipe would be a socket.
    const script = 'require("fs").fstat(3, (error, found) => console.log(error?.code ?? found.isSocket()))';
    expect(['EBADF\n', 'false\n']).toContain((await node(script).ended).out);
  });

  test('can be read line by line', async () => {
    const lines: string[] = [];
    for await (const line of node('console.log("a\\nb"); setImmediate(() => console.log("c"))').lines())
      lines.push(line);
    expect(lines).toEqual(['a', 'b', 'c']);
  });

  test('rejects a wait for text that it never prints', async () => {
    await expect(node('console.log("other")').prints(/wanted/)).rejects.toThrow('other');
  });

  test('reports a program that does not exist', async () => {
    const { code, out } = await runChild('no-such-program');
    // 126 if a folder of `PATH` cannot be read.
    expect([126, 127]).toContain(code);
    expect(out).toBe('');
  });
});

describe('the end of a test', () => {
  let left: Child;
  let descendant = 0;

  test('finds a child that the test has left running', async () => {
    const grandchild = `require("child_process").spawn(process.execPath, ["-e", "${forEver}"], { stdio: "inherit" }).pid`;
    left = node(`process.on("SIGTERM", () => {}); console.log(${grandchild}); ${forEver}`);
    descendant = Number((await left.prints(/^(\d+)\n/))[1]);
    expect(left.hasEnded).toBe(false);
  });

  test('has killed it with its descendants', async () => {
    // The pipe of its output is closed, which the descendant held open too.
    expect(await left.ended).toMatchObject({ signal: 'SIGKILL' });
    expect(descendant).toBeGreaterThan(0);
  });
});
