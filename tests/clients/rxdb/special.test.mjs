// What is RxDB's own: its live replication over a connection that drops, its schema versions, and what it does
// with a server that is in trouble.

import assert from 'node:assert/strict';
import { filter, firstValueFrom, Subject } from 'rxjs';
import { JOB, open, quiet } from '../support/scenarios.mjs';
import { onEach, phones } from '../support/server.mjs';
import { wire } from '../support/wire.mjs';
import { follow, follow_ups, opportunities, replicate } from './app.ts';
import { RxPhone } from './phone.mjs';

const C = 'opportunities';
/** The next version of the app's schema. */
const grown = {
  ...opportunities, version: 1, properties: { ...opportunities.properties, interest: { type: 'string' } },
};

onEach('RxDB: what changes elsewhere comes by itself, also after the connection dropped', async (server, t) => {
  const [red, blue] = await open(RxPhone, server, t);
  const line = await wire(server);
  const stop = new AbortController();
  const stream$ = new Subject();
  const reached = { ...blue.server, url: line.url };
  const running = replicate(blue.database[C], reached, { stream$, retryTime: 20, waitForLeadership: false });
  await running.awaitInitialReplication();
  const { token, refresh } = blue.session;
  let again = () => {};
  const sleep = () => new Promise((resolve) => (again = resolve));
  const following = follow(blue.database[C], stream$, { url: line.url, token, refresh, fetch, sleep }, stop.signal);
  const sees = (id) =>
    firstValueFrom(blue.database[C].findOne(id).$.pipe(filter((document) => document)));
  await red.create(C, 'one', JOB);
  await red.sync();
  await sees('one');
  line.drop();
  // While nobody listens: it comes when the stream is there again.
  await red.create(C, 'two', JOB);
  await red.sync();
  again();
  await sees('two');
  assert.equal((await blue.read(C, 'two')).interest, undefined, 'no field that the app does not know');
  stop.abort();
  again();
  await following;
  await running.cancel();
  await line.close();
});

onEach('RxDB: an app of an older schema neither sees nor erases what a newer one has', async (server) => {
  const [old, newer] = await phones(server, 2);
  const red = await RxPhone.open(old);
  const blue = await RxPhone.open(newer, { schemas: { opportunities: grown, follow_ups } });
  await blue.create(C, 'job', { ...JOB, interest: 'low' });
  await quiet(red, blue);
  assert.equal((await red.read(C, 'job')).interest, undefined);
  await red.edit(C, 'job', { role: 'Lead' });
  const [{ role }] = await quiet(red, blue);
  assert.deepEqual([role, (await blue.read(C, 'job')).interest], ['Lead', 'low']);
  assert.ok(blue.network.log.every(({ path }) => /^\/v1\/compat\/rxdb\/(opportunities\/1|follow_ups\/0)\//.test(path)));
  await Promise.all([red.close(), blue.close()]);
});

onEach('RxDB: an app that is updated keeps what it has not sent', async (server) => {
  const [session, other] = await phones(server, 2);
  const blue = await RxPhone.open(other);
  const red = await RxPhone.open(session);
  await red.create(C, 'job', JOB);
  await quiet(red, blue);
  await red.edit(C, 'job', { role: 'Lead' });
  await blue.edit(C, 'job', { employer: 'Prairie Press' });
  await blue.sync();
  const updated = await red.update({
    opportunities: { schema: grown, migrationStrategies: { 1: (doc) => doc } },
    follow_ups: { schema: follow_ups },
  });
  const [{ role, employer }] = await quiet(updated, blue);
  assert.deepEqual([role, employer], ['Lead', 'Prairie Press']);
  await Promise.all([updated.close(), blue.close()]);
});

onEach('RxDB: a server in trouble is asked again, and an error is never taken for an answer', async (server, t) => {
  const [red, blue] = await open(RxPhone, server, t);
  await red.create(C, 'job', JOB);
  const { server: calm } = red;
  const troubles = [503, 429, 500];
  const fetch = async (input, init) => {
    const status = troubles.shift();
    return status ? new Response('{"title": "trouble"}', { status }) : calm.fetch(input, init);
  };
  red.server = { ...calm, fetch };
  await red.sync();
  assert.deepEqual(troubles, []);
  assert.deepEqual((await quiet(red, blue)).map(({ id }) => id), ['job']);
});

onEach('RxDB: what is wrong with a whole request is said in plain text', async (server, t) => {
  const [red] = await open(RxPhone, server, t, 1);
  for (const path of [`/v1/compat/rxdb/nonsense/pull`, `/v1/compat/rxdb/${C}/pull?limit=100000`]) {
    const response = await red.server.fetch(server.url + path);
    assert.ok(response.status >= 400);
    assert.match(response.headers.get('content-type'), /^text\/plain/);
    const text = await response.text();
    assert.throws(() => JSON.parse(text), SyntaxError);
  }
});

onEach("RxDB: the library's own server spells the checkpoint otherwise, and is understood", async (server, t) => {
  const [red] = await open(RxPhone, server, t, 1);
  for (const id of ['a', 'b', 'c']) await red.create(C, id, JOB);
  await red.sync();
  const pull = async (query) => (await red.server.fetch(`${server.url}/v1/compat/rxdb/${C}/0/pull?${query}`)).json();
  const first = await pull('lwt=0&id=&limit=2');
  assert.deepEqual(first.documents.map(({ id }) => id), ['a', 'b']);
  const { lwt, id } = first.checkpoint;
  assert.deepEqual((await pull(`lwt=${lwt}&id=${id}&limit=2`)).documents.map(({ id }) => id), ['c']);
  // What the tutorial sends after an event with an empty checkpoint.
  assert.equal((await pull('updatedAt=undefined&id=undefined&batchSize=10')).documents.length, 3);
});
