#!/usr/bin/env node
/** Starts `chat-server`, if this Node can run it. An earlier Node can read this file. */
const needed = 24;
const { node } = process.versions;
/** Bounds the memory that a flood of messages takes for good. V8 reads it only when a process starts. */
const option = '--max-semi-space-size=4';
const [main, ...words] = process.argv.slice(1);
/** Only a server lives long enough to need the option. */
const serves = words.length === 0 || words[0] === 'start' || words[0].startsWith('-');

if (Number.parseInt(node, 10) < needed) {
  process.stderr.write(
    `chat-server needs Node ${needed} or later, and this is Node ${node}: install a later one from https://nodejs.org, then start chat-server again.\n`,
  );
  process.exitCode = 1;
} else {
  // The process stays the same one, for signals and for a supervisor. Windows has no such call, and goes without the option.
  if (serves && !process.execArgv.includes(option) && process.platform !== 'win32') {
    process.execve?.(process.execPath, [process.execPath, option, ...process.execArgv, main, ...words], process.env);
  }
  import('../dist/main.js');
}
