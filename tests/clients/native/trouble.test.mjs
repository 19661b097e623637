// The reference client: networks, servers and storages that fail.

import assert from 'node:assert/strict';
import { SignedOut, Unavailable } from '../../../openapi/client/transport.ts';
import { advance, onEach, phones } from '../support/server.mjs';
import { phone, sameOn } from './phone.mjs';

const JOB = { employer: 'Prairie Books', role: 'Editor' };
const rounds = (network) => network.log.filter(({ path }) => path === '/v1/sync');

onEach('a lost answer is asked for again, word for word, and nothing is done twice', async (server) => {
  const [red, blue] = await sameOn(await phones(server, 2));
  await red.client.create('opportunities', JOB, 'job');
  await red.client.sync();
  await red.client.patch('opportunities', 'job', { set: { role: 'Lead' } });
  for (const what of ['request', 'answer', 'answer']) {
    red.network.lose(what);
    await assert.rejects(red.client.sync());
  }
  await red.client.sync();
  const sent = rounds(red.network).map(({ body }) => JSON.parse(body).mutations).filter(([first]) => first?.op === 'patch');
  assert.equal(sent.length, 3);
  for (const again of sent) assert.deepEqual(again, sent[0]);
  const history = await red.session.ask('/v1/records/opportunities/job/history');
  assert.equal(history.items.length, 2, 'one edit and the creation');
  await blue.client.sync();
  assert.equal(blue.client.record('opportunities', 'job').role, 'Lead');
});

onEach('an app that dies at any moment goes on where it was', async (server) => {
  const [red] = await sameOn(await phones(server, 1));
  await red.client.create('opportunities', JOB, 'job');
  let reborn = await red.again();
  assert.equal(reborn.record('opportunities', 'job').role, 'Editor', 'before a round');
  red.network.lose('answer');
  await assert.rejects(reborn.sync());
  reborn = await red.again();
  await reborn.patch('opportunities', 'job', { set: { role: 'Lead' } });
  reborn = await red.again();
  await reborn.sync();
  assert.deepEqual([reborn.waiting(), reborn.record('opportunities', 'job').role], [[], 'Lead']);
  assert.deepEqual((await red.again()).all('opportunities'), reborn.all('opportunities'));
});

onEach('one mutation that is refused does not keep others back, and the app is told', async (server) => {
  const [red, blue] = await sameOn(await phones(server, 2));
  await red.client.create('opportunities', JOB, 'first');
  await red.client.create('interviews', { opportunity_id: 'nobody knows', starts_at: 'yesterday' }, 'poison');
  await red.client.create('opportunities', JOB, 'last');
  await red.client.sync();
  await blue.client.sync();
  assert.deepEqual(blue.client.all('opportunities').map(({ id }) => id), ['first', 'last']);
  const [refused, ...others] = red.refused;
  assert.deepEqual([others, refused.mutation.id, refused.status], [[], 'poison', 'rejected']);
  assert.notEqual(refused.code, '');
  assert.equal(red.client.record('interviews', 'poison'), undefined);
  const conflict = blue.client.record('conflicts', refused.conflicts[0]);
  assert.equal(conflict.mutation.set.starts_at, 'yesterday', 'what it said is kept');
});

onEach('an edit of what was already sent is refused and kept', async (server) => {
  const [red, blue] = await sameOn(await phones(server, 2));
  await red.client.create('opportunities', JOB, 'job');
  const set = {
    opportunity_id: 'job', kind: 'custom', action_key: 'job/custom/note/self', title: 'Thanks',
    due_at: '2036-05-08T14:00:00Z', body: 'Dear Anna',
  };
  await red.client.create('follow_ups', set, 'note');
  await red.client.sync();
  await blue.client.sync();
  await red.client.act('follow_ups', 'note', 'mark_sent', { channel: 'email' });
  assert.equal(red.client.record('follow_ups', 'note').status, 'sent', 'at once');
  await red.client.sync();
  await blue.client.patch('follow_ups', 'note', { set: { body: 'Dear Anne' } });
  await blue.client.sync();
  assert.equal(blue.refused[0].code, 'already_sent');
  const { status, body } = blue.client.record('follow_ups', 'note');
  assert.deepEqual([status, body], ['sent', 'Dear Anna']);
  assert.ok(blue.client.conflicts().some(({ mutation }) => mutation?.set.body === 'Dear Anne'));
});

onEach('an id may be anything of letters, digits and _.- up to 64', async (server) => {
  const [red, blue] = await sameOn(await phones(server, 2));
  const ids = ['x', 'aZ09bY18cX27dW36', '_.-', 'a'.repeat(64), await red.client.create('opportunities', JOB)];
  for (const id of ids.slice(0, -1)) await red.client.create('opportunities', JOB, id);
  await red.client.sync();
  await blue.client.sync();
  assert.deepEqual(blue.client.all('opportunities').map(({ id }) => id), [...ids].sort());
  assert.match(ids.at(-1), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual(red.refused, []);
});

onEach('5,000 records go up in pushes that the server takes, and come down in pages', async (server) => {
  const [red, blue] = await sameOn(await phones(server, 2));
  await red.client.create('opportunities', JOB, 'job');
  for (let n = 0; n < 4_999; n++) {
    await red.client.create('contacts', { opportunity_id: 'job', name: `Person ${n}`, role: 'interviewer' });
  }
  await red.client.sync();
  await blue.client.sync();
  assert.deepEqual([red.refused, blue.client.all('contacts').length], [[], 4_999]);
  assert.deepEqual(blue.client.all('contacts'), red.client.all('contacts'));
  assert.ok(rounds(red.network).length >= 10 && rounds(blue.network).length >= 10);
  for (const { status } of [...red.network.log, ...blue.network.log]) assert.equal(status, 200);
});

onEach('a push that is too large is sent in parts; what is too large by itself is given up', async (server) => {
  const [session] = await phones(server, 1);
  const narrow = async (input, init) => {
    const count = init.body ? JSON.parse(init.body).mutations.length : 0;
    return count > 100 ? new Response('{}', { status: 413 }) : fetch(input, init);
  };
  const red = await phone(session, { fetch: narrow });
  for (let n = 0; n < 450; n++) await red.client.create('opportunities', { ...JOB, role: `Role ${n}` });
  await red.client.sync();
  assert.deepEqual([red.client.waiting(), red.refused, red.client.all('opportunities').length], [[], [], 450]);

  const wide = await phone(session);
  await wide.client.sync();
  await wide.client.create('opportunities', { ...JOB, notes: 'x'.repeat(5_000_000) }, 'novel');
  await wide.client.create('opportunities', JOB, 'behind');
  await wide.client.sync();
  assert.deepEqual(wide.refused.map(({ code, mutation }) => [code, mutation.id]), [['body_too_large', 'novel']]);
  assert.equal((await session.ask('/v1/opportunities/behind')).role, 'Editor');
});

onEach('a cursor of no use: the table is replaced, the outbox stays, and the second time it waits', async (server) => {
  const [red, blue] = await sameOn(await phones(server, 2));
  await red.client.create('opportunities', JOB, 'old');
  await red.client.sync();
  await blue.client.sync();
  await blue.client.delete('opportunities', 'old');
  await blue.client.sync();
  await red.storage.write(new Map([['state', { cursor: 'rubbish', resets: 0, next: 100 }]]));
  const reborn = await red.again();
  await reborn.create('opportunities', JOB, 'new');
  await reborn.sync();
  assert.deepEqual(reborn.all('opportunities').map(({ id }) => id), ['new']);
  assert.deepEqual([reborn.waiting(), red.pauses], [[], []]);
  assert.equal((await blue.session.ask('/v1/opportunities/new')).role, 'Editor');

  await red.storage.write(new Map([['state', { cursor: 'rubbish', resets: 2, next: 200 }]]));
  await (await red.again()).sync();
  assert.deepEqual(red.pauses, [4_000]);
});

onEach('a copy that has drifted is repaired, and only what differs is taken over', async (server) => {
  const [red] = await sameOn(await phones(server, 1));
  for (const id of ['a', 'b']) await red.client.create('opportunities', JOB, id);
  await red.client.sync();
  const stored = (await red.storage.load()).get('opportunities/a');
  const drifted = { rev: stored.rev + 7, doc: { ...stored.doc, role: 'Nobody typed this' } };
  await red.storage.write(new Map([['opportunities/a', drifted], ['opportunities/ghost', stored], ['opportunities/b', undefined]]));
  const reborn = await red.again();
  await reborn.sync();
  assert.deepEqual(reborn.all('opportunities'), red.client.all('opportunities'));
  assert.equal(red.network.log.filter(({ path }) => path === '/v1/sync/revs').length, 1);
});

onEach('an access token that ends in the middle of a sync is exchanged once', async (server) => {
  const [session] = await phones(server, 1);
  const red = await phone(session);
  for (let n = 0; n < 600; n++) await red.client.create('opportunities', { ...JOB, role: `Role ${n}` });
  let requests = 0;
  const { fetch: through } = red.network;
  red.network.fate = () => 'none';
  const client = await red.again();
  session.token = () => session.access;
  // The second request finds the token ended: 16 minutes later, or, on a real clock, made useless.
  const ending = await phone(session, {
    storage: red.storage,
    fetch: async (input, init) => {
      requests += 1;
      if (requests === 2 && !(await advance(server, 16 * 60_000))) init.headers.authorization += 'x';
      return through(input, init);
    },
  });
  await ending.client.sync();
  assert.deepEqual([session.refreshed, ending.client.waiting(), client.waiting().length], [1, [], 600]);
  const statuses = rounds(red.network).map(({ status }) => status);
  assert.deepEqual(statuses.slice(0, 3), [200, 401, 200]);
});

onEach('a session that was ended says so, and the outbox stays', async (server) => {
  const [red, blue] = await sameOn(await phones(server, 2));
  await blue.client.create('opportunities', JOB, 'job');
  await blue.session.ask('/v1/auth/logout', { method: 'POST' });
  await assert.rejects(blue.client.sync());
  const stubborn = await phone(blue.session, { storage: blue.storage, refresh: async () => {} });
  await assert.rejects(stubborn.client.sync(), SignedOut);
  assert.equal(blue.client.waiting().length, 1);
  const [session] = [red.session];
  const anew = await phone(session, { storage: blue.storage });
  await anew.client.sync();
  assert.equal((await session.ask('/v1/opportunities/job')).role, 'Editor');
});

onEach('a server that asks for patience gets it, and not for ever', async (server) => {
  const [session] = await phones(server, 1);
  const answers = [429, 503];
  const busy = async (input, init) => {
    const status = answers.shift();
    return status ? new Response('{}', { status, headers: { 'retry-after': '7' } }) : fetch(input, init);
  };
  const red = await phone(session, { fetch: busy });
  await red.client.sync();
  assert.deepEqual(red.pauses, [7_000, 7_000]);
  answers.push(...Array(9).fill(503));
  await assert.rejects(red.client.sync(), Unavailable);
  assert.deepEqual(red.pauses.slice(2), [7_000, 7_000, 7_000, 7_000]);
});
