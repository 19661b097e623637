// The program of README.md: a phone on a bad network, and what it says to the server.

import { AfterviewSync } from './afterview-sync.ts';
import { MemoryStorage } from './storage.ts';

const [url = 'http://127.0.0.1:8080', email = 'maya@example.org'] = process.argv.slice(2);
const headers = { 'content-type': 'application/json' };
const body = JSON.stringify({ email, password: 'correct horse battery' });
const tokens = await (await fetch(`${url}/v1/auth/register`, { method: 'POST', headers, body })).json();

// #region network
let lose = false;
const badNetwork: typeof fetch = async (input, init) => {
  const { mutations } = JSON.parse(String(init?.body));
  for (const { op, set, base, after } of mutations) {
    console.log('  sent:', op, JSON.stringify(set), base ? 'with base' : 'without base', after ? 'after another' : '');
  }
  const response = await fetch(input, init);
  if (lose) throw new Error('the answer was lost');
  for (const { status, original } of (await response.clone().json()).results) {
    console.log('  answered:', status, original ? `(then: ${original.status})` : '');
  }
  return response;
};
// #endregion

const storage = new MemoryStorage();
const open = () =>
  AfterviewSync.open({ url, storage, token: () => tokens.access_token, refresh: async () => {}, fetch: badNetwork });
let client = await open();

// #region rounds
await client.create('opportunities', { employer: 'Prairie Books', role: 'Editor' }, 'job');
await client.patch('opportunities', 'job', { set: { role: 'Senior editor' } });
console.log('Two edits that were never sent are one:');
await client.sync();

console.log('An answer is lost:');
await client.patch('opportunities', 'job', { set: { role: 'Lead' } });
lose = true;
await client.sync().catch((error) => console.log('  failed:', error.message));

console.log('The app dies, starts again, and its user goes on typing:');
client = await open();
await client.patch('opportunities', 'job', { set: { role: 'Lead editor' } });
console.log('  seen:', client.record('opportunities', 'job')?.role);

console.log('The network is back:');
lose = false;
await client.sync();
console.log('  seen:', client.record('opportunities', 'job')?.role, '| conflicts:', client.conflicts().length);
// #endregion
