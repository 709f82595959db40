#!/usr/bin/env node
/** Starts `chat`, if this Node can run it. An earlier Node can read this file. */
const needed = 24;
const { node } = process.versions;

if (Number.parseInt(node, 10) >= needed) import('../dist/main.js');
else {
  process.stderr.write(
    `chat needs Node ${needed} or later, and this is Node ${node}: install a later one from https://nodejs.org, then start chat again.\n`,
  );
  process.exitCode = 1;
}
