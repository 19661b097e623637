// The reference client: the live stream, with connections that drop.

import assert from 'node:assert/strict';
import { onEach, phones } from '../support/server.mjs';
import { wire } from '../support/wire.mjs';
import { phone, sameOn } from './phone.mjs';

/** Resolves when `seen` says so, asked whenever the client's view changes. */
function until(watch, seen) {
  return new Promise((resolve) => {
    watch.changed = () => seen() && resolve();
    watch.changed();
  });
}

onEach('what changes elsewhere comes by itself, also after the connection dropped', async (server) => {
  const [red, session] = await phones(server, 2);
  const [editor] = await sameOn([red]);
  const line = await wire(server);
  const watch = { changed: () => {} };
  const watcher = await phone(session, {
    url: line.url, fetch, changed: () => watch.changed(), sleep: async () => {},
  });
  const stop = new AbortController();
  const following = watcher.client.follow(stop.signal);
  const sees = (id) => until(watch, () => watcher.client.record('opportunities', id));
  for (const id of ['one', 'two', 'three']) {
    await editor.client.create('opportunities', { employer: 'Prairie Books', role: 'Editor' }, id);
    await editor.client.sync();
    await sees(id);
    line.drop();
  }
  stop.abort();
  await following;
  await line.close();
  assert.ok(line.connections() > 3, 'it came back after every drop');
});

onEach('one stream follows many changes without a round too few', async (server) => {
  const [red, session] = await phones(server, 2);
  const [editor] = await sameOn([red]);
  const watch = { changed: () => {} };
  const watcher = await phone(session, { fetch, changed: () => watch.changed() });
  const stop = new AbortController();
  const following = watcher.client.follow(stop.signal);
  const ids = Array.from({ length: 20 }, (_, n) => `job-${n}`);
  for (const id of ids) {
    await editor.client.create('opportunities', { employer: 'Prairie Books', role: 'Editor' }, id);
    await editor.client.sync();
  }
  await until(watch, () => watcher.client.all('opportunities').length === ids.length);
  stop.abort();
  await following;
});
