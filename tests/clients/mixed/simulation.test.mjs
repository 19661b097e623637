// Six phones with three libraries, on many seeds: see simulation.mjs. AFTERVIEW_SEED says where to begin,
// AFTERVIEW_SEEDS how many, AFTERVIEW_STEPS how long a story is. A failure names its seed.

import assert from 'node:assert/strict';
import { onEach } from '../support/server.mjs';
import { simulate } from './simulation.mjs';

const setting = (name, otherwise) => Number(process.env[name] ?? otherwise);
const first = setting('AFTERVIEW_SEED', 1);
const count = setting('AFTERVIEW_SEEDS', 20);
const steps = setting('AFTERVIEW_STEPS', 80);

onEach('nothing that anybody typed is lost between six phones with three libraries', async (server, t) => {
  const sum = {};
  for (let seed = first; seed < first + count; seed++) {
    const counts = await simulate(server, seed, steps);
    for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + count;
  }
  t.diagnostic(`${count} seeds from ${first}, ${steps} steps each: ${JSON.stringify(sum)}`);
});

onEach('where merging is left to RxDB words vanish, and that is seen', async (server) => {
  for (let seed = 1; seed <= 5; seed++) {
    const { cause } = await simulate(server, seed, 100, { strict: true }).catch((error) => error);
    if (cause?.message.startsWith('what was typed has vanished')) return;
  }
  assert.fail('nobody missed anything');
});
