// The reference client: what two phones make of one record.

import assert from 'node:assert/strict';
import { advance, onEach, phones } from '../support/server.mjs';
import { sameOn } from './phone.mjs';

const JOB = { employer: 'Prairie Books', role: 'Editor', notes: 'Two rounds, the first by phone.' };

async function both(server, id) {
  const [red, blue] = await sameOn(await phones(server, 2));
  await red.client.create('opportunities', JOB, id);
  await red.client.sync();
  await blue.client.sync();
  return [red, blue];
}

/** Rounds until both have everything of each other, and both see the same. */
async function quiet(red, blue) {
  for (const phone of [red, blue, red, blue]) await phone.client.sync();
  for (const c of ['opportunities', 'conflicts', 'preferences']) {
    assert.deepEqual(red.client.all(c), blue.client.all(c));
  }
}

onEach('what one phone makes, changes and deletes is on the other one', async (server) => {
  const [red, blue] = await both(server, 'job');
  assert.equal(blue.client.record('opportunities', 'job').employer, 'Prairie Books');
  await blue.client.patch('opportunities', 'job', { set: { role: 'Senior editor' }, add: { tags: ['books'] } });
  assert.equal(blue.client.record('opportunities', 'job').role, 'Senior editor', 'at once, without a network');
  await quiet(red, blue);
  assert.deepEqual(red.client.record('opportunities', 'job').tags, ['books']);
  await red.client.delete('opportunities', 'job');
  await quiet(red, blue);
  assert.equal(blue.client.record('opportunities', 'job'), undefined);
  await blue.client.restore('opportunities', 'job');
  await quiet(red, blue);
  assert.equal(red.client.record('opportunities', 'job').role, 'Senior editor');
});

onEach('edits of different fields both stand, and nobody is asked', async (server) => {
  const [red, blue] = await both(server, 'job');
  await red.client.patch('opportunities', 'job', { set: { role: 'Senior editor' } });
  await blue.client.patch('opportunities', 'job', { set: { employer: 'Prairie Press' } });
  await quiet(red, blue);
  const { role, employer } = red.client.record('opportunities', 'job');
  assert.deepEqual([role, employer], ['Senior editor', 'Prairie Press']);
  assert.deepEqual(red.client.conflicts(), []);
});

onEach('of two edits of one field the later stands, and the other is a conflict that can be taken', async (server) => {
  const [red, blue] = await both(server, 'job');
  await red.client.patch('opportunities', 'job', { set: { role: 'Senior editor' } });
  await red.client.sync();
  await advance(server, 60_000);
  await blue.client.patch('opportunities', 'job', { set: { role: 'Copy editor' } });
  await quiet(red, blue);
  assert.equal(red.client.record('opportunities', 'job').role, 'Copy editor');
  const [conflict] = red.client.conflicts();
  assert.deepEqual([conflict.kept, conflict.lost], [{ role: 'Copy editor' }, { role: 'Senior editor' }]);
  await red.client.act('conflicts', conflict.id, 'resolve', { take: 'lost' });
  await quiet(red, blue);
  assert.equal(blue.client.record('opportunities', 'job').role, 'Senior editor');
  assert.deepEqual(blue.client.conflicts(), []);
});

onEach('two edits of one text are woven', async (server) => {
  const [red, blue] = await both(server, 'job');
  await red.client.patch('opportunities', 'job', { set: { notes: 'Two rounds, the first by phone with Anna.' } });
  await red.client.sync();
  await blue.client.patch('opportunities', 'job', { set: { notes: 'Two rounds, the first by phone. Bring samples.' } });
  await quiet(red, blue);
  assert.equal(red.client.record('opportunities', 'job').notes, 'Two rounds, the first by phone with Anna. Bring samples.');
});

onEach('an edit beats a deletion that had not seen it, in either order', async (server) => {
  for (const order of ['edit first', 'deletion first']) {
    const [red, blue] = await both(server, 'job');
    await red.client.patch('opportunities', 'job', { set: { role: 'Senior editor' } });
    await blue.client.delete('opportunities', 'job');
    const [first, second] = order === 'edit first' ? [red, blue] : [blue, red];
    await first.client.sync();
    await second.client.sync();
    await quiet(red, blue);
    assert.equal(blue.client.record('opportunities', 'job').role, 'Senior editor', order);
  }
});

onEach('what is typed while an edit is under way becomes its successor, and is no conflict', async (server) => {
  const [red, blue] = await both(server, 'job');
  await red.client.patch('opportunities', 'job', { set: { role: 'One' } });
  red.network.lose('answer');
  await assert.rejects(red.client.sync());
  await red.client.patch('opportunities', 'job', { set: { role: 'Two' } });
  await red.client.patch('opportunities', 'job', { set: { role: 'Three' }, add: { tags: ['late'] } });
  const [sent, after] = red.client.waiting();
  assert.deepEqual([after.after, after.base], [sent.mid, sent.base]);
  assert.deepEqual([after.set, after.add], [{ role: 'Three' }, { tags: ['late'] }]);
  await quiet(red, blue);
  assert.equal(blue.client.record('opportunities', 'job').role, 'Three');
  assert.deepEqual(blue.client.conflicts(), []);
});

onEach('edits of lists that were never sent become one', async (server) => {
  const [red, blue] = await both(server, 'job');
  const add = (...tags) => red.client.patch('opportunities', 'job', { add: { tags } });
  const remove = (...tags) => red.client.patch('opportunities', 'job', { remove: { tags } });
  await add('a', 'b');
  await remove('a');
  await add('c');
  const [mutation, ...others] = red.client.waiting();
  assert.deepEqual([others, mutation.add, mutation.remove], [[], { tags: ['b', 'c'] }, { tags: ['a'] }]);
  await quiet(red, blue);
  assert.deepEqual(blue.client.record('opportunities', 'job').tags, ['b', 'c']);
});

onEach('mutations of one group stand or fall together', async (server) => {
  const [red, blue] = await both(server, 'job');
  await red.client.patch('opportunities', 'job', { set: { role: 'Lead' } }, { txn: 'together' });
  await red.client.create('interviews', { opportunity_id: 'job' }, 'talk', { txn: 'together' });
  await quiet(red, blue);
  assert.equal(blue.client.record('opportunities', 'job').role, 'Editor');
  assert.deepEqual(red.refused.map(({ status }) => status).sort(), ['blocked', 'rejected']);
});

onEach('groups that wait for each other do not wait for ever', async (server) => {
  const [red, blue] = await both(server, 'job');
  await red.client.create('opportunities', JOB, 'other');
  await quiet(red, blue);
  const edit = (id, role, txn) => red.client.patch('opportunities', id, { set: { role } }, { txn });
  await edit('job', 'One', 'a');
  await edit('other', 'Two', 'b');
  await edit('job', 'Three', 'b');
  await edit('other', 'Four', 'a');
  await quiet(red, blue);
  assert.deepEqual([red.client.waiting(), red.refused], [[], []]);
  const roles = ['job', 'other'].map((id) => blue.client.record('opportunities', id).role);
  assert.deepEqual(roles, ['Three', 'Two']);
});
