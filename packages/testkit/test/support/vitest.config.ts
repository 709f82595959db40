import { defineConfig } from 'vitest/config';

const resolve = { conditions: ['@chat/source'] };

export default defineConfig({
  root: import.meta.dirname,
  resolve,
  ssr: { resolve },
  test: { include: ['abandoned.ts'], testTimeout: 0 },
});
