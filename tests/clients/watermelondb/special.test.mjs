// What is WatermelonDB's own: its first sync, its migrations, and what it loses by itself.

import assert from 'node:assert/strict';
import { appSchema, Model, tableSchema } from '@nozbe/watermelondb';
import { addColumns, createTable, schemaMigrations } from '@nozbe/watermelondb/Schema/migrations/index.js';
import { canonical, JOB, open, quiet } from '../support/scenarios.mjs';
import { onEach, phones } from '../support/server.mjs';
import { schema } from './app.ts';
import { WatermelonPhone } from './phone.mjs';

const C = 'opportunities';
const MARK = '&soft_delete=deleted_at';

class Contact extends Model {
  static table = 'contacts';
}

onEach('WatermelonDB: the first sync says `null` for what it does not have', async (server, t) => {
  const [red, blue] = await open(WatermelonPhone, server, t);
  await red.create(C, 'job', JOB);
  await red.sync();
  await blue.sync();
  const [first, second] = [blue.network.log[0], red.network.log[0]];
  for (const { path, status } of [first, second]) {
    assert.equal(status, 200);
    assert.match(path, /\?last_pulled_at=null&schema_version=1&migration=null$/);
  }
  const { changes, timestamp } = JSON.parse(first.answer);
  assert.deepEqual([changes[C].created.map(({ id }) => id), changes[C].deleted], [['job'], []]);
  assert.ok(timestamp > 0, 'also of an empty account');
});

onEach('WatermelonDB: an app that has learnt columns and tables gets what is in them', async (server, t) => {
  const [red, blue] = await open(WatermelonPhone, server, t);
  await red.create(C, 'job', JOB);
  await quiet(red, blue);
  await blue.session.ask('/v1/opportunities/job', { method: 'PATCH', body: { interest: 'low' } });
  const person = { opportunity_id: 'job', name: 'Anna', role: 'interviewer' };
  const { id } = await blue.session.ask('/v1/contacts', { body: person });
  await red.sync();

  const [before] = Object.values(schema.tables).filter(({ name }) => name === C);
  const interest = { name: 'interest', type: 'string' };
  const columns = ['opportunity_id', 'name', 'role'].map((name) => ({ name, type: 'string' }));
  const grown = [
    tableSchema({ name: C, columns: [...before.columnArray, interest] }),
    tableSchema({ name: 'follow_ups', columns: schema.tables.follow_ups.columnArray }),
    tableSchema({ name: 'contacts', columns }),
  ];
  const steps = [addColumns({ table: C, columns: [interest] }), createTable({ name: 'contacts', columns })];
  await red.stored();
  const updated = await WatermelonPhone.open(red.session, {
    schema: appSchema({ version: 2, tables: grown }),
    migrations: schemaMigrations({ migrations: [{ toVersion: 2, steps }] }),
    storage: red.storage,
    models: [Contact],
  });
  assert.equal((await updated.read(C, 'job')).interest, '', 'before its first sync');
  await updated.sync();
  assert.match(updated.network.log[0].path, /&migration=%7B%22from%22%3A1/);
  assert.equal((await updated.read(C, 'job')).interest, 'low');
  assert.deepEqual(await updated.all('contacts'), [{ id, ...person }]);
});

onEach('WatermelonDB: a deletion elsewhere destroys, on the phone, an edit that was not pushed yet', async (server, t) => {
  const [red, blue] = await open(WatermelonPhone, server, t);
  await red.create(C, 'job', JOB);
  await quiet(red, blue);
  await blue.remove(C, 'job');
  await blue.sync();
  await red.edit(C, 'job', { role: 'Lead' });
  assert.deepEqual(await quiet(red, blue), []);
  const pushed = red.network.log.filter(({ body }) => body?.includes('Lead'));
  assert.deepEqual(pushed, [], 'the library never sent it');
});

onEach('WatermelonDB: with a column for deletions nothing is destroyed', async (server, t) => {
  const marked = appSchema({
    version: 1,
    tables: Object.values(schema.tables).map(({ name, columnArray }) =>
      tableSchema({ name, columns: [...columnArray, { name: 'deleted_at', type: 'number', isOptional: true }] }),
    ),
  });
  const opened = await Promise.all(
    (await phones(server, 2)).map((session) => WatermelonPhone.open(session, { schema: marked, pull: MARK, push: MARK })),
  );
  const [red, blue] = opened;
  await red.create(C, 'job', JOB);
  await quiet(red, blue);
  await blue.edit(C, 'job', { deleted_at: Date.now() });
  await blue.sync();
  await red.edit(C, 'job', { role: 'Lead' });
  const [job] = await quiet(red, blue);
  assert.deepEqual(job, canonical({ ...JOB, id: 'job', role: 'Lead' }));
  for (const phone of opened) assert.equal((await phone.read(C, 'job')).deleted_at, undefined, 'the edit brought it back');
});

onEach('WatermelonDB: what is refused is taken back also from an app that asks for its own tables only', async (server) => {
  const [session] = await phones(server, 1);
  const red = await WatermelonPhone.open(session, { pull: '&tables=opportunities,follow_ups' });
  await red.create(C, 'job', JOB);
  await red.create(C, 'poison', { ...JOB, employer: 'x'.repeat(201) });
  for (let round = 0; round < 3; round++) await red.sync();
  assert.deepEqual((await red.all(C)).map(({ id }) => id), ['job']);
});
