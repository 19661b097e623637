// Runs TypeScript as it stands: `node --import ./support/typescript.mjs`. From version 22.18 on Node does
// that by itself, for files without decorators; this is for older ones. It checks no types: `npm run check`
// does.

import { readFile } from 'node:fs/promises';
import { createRequire, register } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const compilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ES2022,
  experimentalDecorators: true,
  useDefineForClassFields: false,
};

const require = createRequire(import.meta.url);

// WatermelonDB's own imports name folders, as bundlers find them.
export async function resolve(name, context, next) {
  return next(name.startsWith('@nozbe/watermelondb/') ? pathToFileURL(require.resolve(name)).href : name, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const text = await readFile(fileURLToPath(url), 'utf8');
  const { outputText } = ts.transpileModule(text, { compilerOptions, fileName: url });
  return { format: 'module', source: outputText, shortCircuit: true };
}

if (isMainThread) register(import.meta.url);
