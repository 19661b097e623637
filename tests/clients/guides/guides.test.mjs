// The guides for people who write apps: their code is what runs, their output is what came out.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { advance, onEach } from '../support/server.mjs';

const OPENAPI = '../../openapi/';
const CLIENT = ['afterview-sync', 'copy', 'mutations', 'storage', 'transport', 'tour'];

/** A guide, the files that its code is from, and the program whose output it shows. */
const GUIDES = [
  ['guides/quick-start.md', [`${OPENAPI}guides/quick-start.ts`], `${OPENAPI}guides/quick-start.ts`],
  ['guides/watermelondb.md', ['watermelondb/app.ts', 'watermelondb/guide.ts'], 'watermelondb/guide.ts'],
  ['guides/rxdb.md', ['rxdb/app.ts', 'rxdb/guide.ts', 'watermelondb/app.ts'], 'rxdb/guide.ts'],
  [
    'client/README.md',
    CLIENT.map((name) => `${OPENAPI}client/${name}.ts`),
    `${OPENAPI}client/tour.ts`,
  ],
];

const read = (path) => readFile(path, 'utf8');
const blocks = (text, kind) => [...text.matchAll(new RegExp(`\`\`\`${kind}\n([\\s\\S]*?)\`\`\``, 'g'))].map((it) => it[1]);

async function run(program, server) {
  const args = ['--import', './support/typescript.mjs', program, server.url, `${randomUUID()}@example.org`];
  // The programs wait for nothing, but time has to pass.
  const ticking = setInterval(() => advance(server, 10), 10);
  const { stdout } = await promisify(execFile)('node', args, { timeout: 60_000 }).finally(() => clearInterval(ticking));
  return stdout;
}

for (const [guide, sources, program] of GUIDES) {
  onEach(`${guide} shows code that runs and output that came out`, async (server) => {
    const text = await read(OPENAPI + guide);
    const code = (await Promise.all(sources.map(read))).join('\n');
    for (const block of blocks(text, 'ts')) assert.ok(code.includes(block), `this is nowhere:\n${block}`);
    assert.notEqual(blocks(text, 'ts').length, 0);
    assert.equal(blocks(text, 'text').join(''), await run(program, server));
  });
}
