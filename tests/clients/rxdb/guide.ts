// The program of openapi/guides/rxdb.md, in Node in the place of two browsers.

import { createRxDatabase } from 'rxdb';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { authorized } from '../watermelondb/app.ts';
import { follow_ups, opportunities, replicate } from './app.ts';

const [url = 'http://127.0.0.1:8080', email = 'maya@example.org'] = process.argv.slice(2);

const post = async (path: string, body: object) => {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })).json();
};

async function device(path: string, name: string) {
  let tokens = await post(path, { email, password: 'correct horse battery' });
  const refresh = async () => {
    tokens = await post('/v1/auth/refresh', { refresh_token: tokens.refresh_token });
  };
  const database = await createRxDatabase({ name, storage: getRxStorageMemory(), multiInstance: false });
  await database.addCollections({ opportunities: { schema: opportunities }, follow_ups: { schema: follow_ups } });
  return { database, server: { url, fetch: authorized(fetch, () => tokens.access_token, refresh) } };
}

const red = await device('/v1/auth/register', 'red');
const blue = await device('/v1/auth/login', 'blue');

// #region create
async function round({ database, server }: typeof red) {
  for (const collection of [database.opportunities!, database.follow_ups!]) {
    const running = replicate(collection, server, { live: false });
    await running.awaitInitialReplication();
    await running.cancel();
  }
}

await red.database.opportunities!.insert({
  id: 'job', employer: 'Prairie Books', role: 'Editor', notes: 'Two rounds, the first by phone.', via_agency: false, tags: [],
});
await round(red);
await round(blue);
// #endregion
const show = async ({ database }: typeof red) => {
  const { role, notes, tags } = (await database.opportunities!.findOne('job').exec()).toMutableJSON();
  console.log({ role, notes, tags });
};
await show(blue);

// #region both
const [here, there] = [red, blue].map(({ database }) => database.opportunities!.findOne('job'));
await (await here!.exec()).patch({ notes: 'Two rounds, the first by phone with Anna.' });
await (await there!.exec()).patch({ notes: 'Two rounds, the first by phone. Bring samples.', tags: ['books'] });
await round(red);
await round(blue);
await round(blue);
// #endregion
await show(blue);

// #region refused
await (await there!.exec()).patch({ employer: '' });
await round(blue);
console.log('employer:', (await there!.exec()).employer);
// #endregion
process.exit();
