// What must hold for every client, whichever library it uses. A phone has `create`, `edit`, `remove`, `read`,
// `all`, `sync` and `close`, a `network` and a `session`.

import assert from 'node:assert/strict';
import { advance, onEach, phones } from './server.mjs';

export const JOB = {
  employer: 'Prairie Books', role: 'Editor', notes: 'Two rounds, the first by phone.', via_agency: false, tags: ['books'],
};
const C = 'opportunities';

/** Phones of one person, closed when the test ends. */
export async function open(Phone, server, t, count = 2) {
  const opened = [];
  for (const session of await phones(server, count)) opened.push(await Phone.open(session));
  t.after(() => Promise.all(opened.map((phone) => phone.close())));
  return opened;
}

/** The fields of a record that every client has. */
export function canonical(doc) {
  if (!doc) return doc;
  const { id, employer, role, notes = '', via_agency = false, tags = [] } = doc;
  return { id, employer, role, notes, via_agency, tags: [...tags].sort() };
}

export const view = async (phone) => (await phone.all(C)).map(canonical);

/** Rounds until everybody has everything of everybody. */
export async function quiet(...all) {
  for (let round = 0; round < 3; round++) for (const phone of all) await phone.sync();
  const [first, ...others] = await Promise.all(all.map(view));
  for (const other of others) assert.deepEqual(other, first);
  return first;
}

async function both(Phone, server, t) {
  const [red, blue] = await open(Phone, server, t);
  await red.create(C, 'job', JOB);
  await quiet(red, blue);
  return [red, blue];
}

const isPush = ({ method }) => method === 'POST';
const conflicts = async (phone) => (await phone.session.ask('/v1/sync/conflicts')).items;

/** Registers the scenarios for the library called `name`. */
export function scenarios(name, Phone) {
  const on = (what, body) => onEach(`${name}: ${what}`, body);

  on('what one phone makes, changes and deletes is on the other one', async (server, t) => {
    const [red, blue] = await both(Phone, server, t);
    assert.deepEqual(canonical(await blue.read(C, 'job')), { id: 'job', ...JOB });
    await blue.edit(C, 'job', { role: 'Lead', via_agency: true, tags: ['books', 'night'] });
    const [{ role, via_agency, tags }] = await quiet(red, blue);
    assert.deepEqual([role, via_agency, tags], ['Lead', true, ['books', 'night']]);
    await red.remove(C, 'job');
    assert.deepEqual(await quiet(red, blue), []);
    assert.deepEqual(await conflicts(red), []);
  });

  on('what one phone clears is cleared on the other one', async (server, t) => {
    const [red, blue] = await both(Phone, server, t);
    const note = {
      opportunity_id: 'job', action_key: 'job/custom/note/self', kind: 'custom', status: 'open', title: 'Thanks',
      due_at: '2036-05-08T14:00:00.000Z', body: 'Dear Anna',
    };
    await red.create('follow_ups', 'note', note);
    await quiet(red, blue);
    assert.equal((await blue.read('follow_ups', 'note')).body, 'Dear Anna');
    await red.clear('follow_ups', 'note', 'body');
    await quiet(red, blue);
    assert.equal((await blue.session.ask('/v1/records/follow_ups/note/history')).items[0].changed.body.old, 'Dear Anna');
    for (const phone of [red, blue]) assert.equal((await phone.read('follow_ups', 'note')).body, undefined);
  });

  on('edits of different fields both stand, and nobody is asked', async (server, t) => {
    const [red, blue] = await both(Phone, server, t);
    await red.edit(C, 'job', { role: 'Lead' });
    await blue.edit(C, 'job', { employer: 'Prairie Press' });
    const [{ role, employer }] = await quiet(red, blue);
    assert.deepEqual([role, employer], ['Lead', 'Prairie Press']);
    assert.deepEqual(await conflicts(red), []);
  });

  on('of two edits of one field the later stands, and the other is kept as a conflict', async (server, t) => {
    const [red, blue] = await both(Phone, server, t);
    await red.edit(C, 'job', { role: 'Lead' });
    await red.sync();
    await advance(server, 60_000);
    await blue.edit(C, 'job', { role: 'Copy editor' });
    const [{ role }] = await quiet(red, blue);
    assert.equal(role, 'Copy editor');
    assert.deepEqual((await conflicts(red)).map(({ lost }) => lost), [{ role: 'Lead' }]);
  });

  on('two edits of one text are woven', async (server, t) => {
    const [red, blue] = await both(Phone, server, t);
    await red.edit(C, 'job', { notes: 'Two rounds, the first by phone with Anna.' });
    await red.sync();
    await blue.edit(C, 'job', { notes: 'Two rounds, the first by phone. Bring samples.' });
    const [{ notes }] = await quiet(red, blue);
    assert.equal(notes, 'Two rounds, the first by phone with Anna. Bring samples.');
  });

  on('an edit that arrived beats a deletion that had not seen it', async (server, t) => {
    const [red, blue] = await both(Phone, server, t);
    await red.edit(C, 'job', { role: 'Lead' });
    await blue.remove(C, 'job');
    await red.sync();
    const [{ role }] = await quiet(blue, red);
    assert.equal(role, 'Lead');
  });

  on('what was sent and not answered is not done twice, and takes nothing from others', async (server, t) => {
    const [red, blue] = await both(Phone, server, t);
    await red.edit(C, 'job', { notes: 'Two rounds, the first by phone. Bring samples.' });
    red.network.lose('answer', isPush);
    await red.sync().catch(() => {});
    await blue.sync();
    await blue.edit(C, 'job', { notes: 'Two rounds, the first by phone with Anna. Bring samples.' });
    await blue.sync();
    const [{ notes }] = await quiet(red, blue);
    assert.equal(notes, 'Two rounds, the first by phone with Anna. Bring samples.');
    const { items } = await red.session.ask('/v1/records/opportunities/job/history');
    assert.deepEqual(items.filter(({ changed }) => changed?.notes).length, 2, 'one change of each phone');
    assert.deepEqual(await conflicts(red), []);
  });

  on('a new record whose answer was lost is not made twice', async (server, t) => {
    const [red, blue] = await both(Phone, server, t);
    await red.create(C, 'new', { ...JOB, role: 'Lead' });
    red.network.lose('answer', isPush);
    await red.sync().catch(() => {});
    assert.deepEqual((await quiet(red, blue)).map(({ id }) => id), ['job', 'new']);
    assert.deepEqual(await conflicts(red), []);
  });

  on('one record that is refused does not keep others back, and what it said is kept', async (server, t) => {
    const [red, blue] = await both(Phone, server, t);
    await red.create(C, 'a', { ...JOB, role: 'First' });
    await red.create(C, 'b', { ...JOB, employer: 'x'.repeat(201), role: 'Poison' });
    await red.create(C, 'c', { ...JOB, role: 'Last' });
    await red.edit(C, 'job', { role: 'y'.repeat(201) });
    await red.sync();
    const seen = await quiet(red, blue);
    assert.deepEqual(seen.map(({ id, role }) => `${id} ${role}`), ['a First', 'c Last', 'job Editor']);
    const kept = (await conflicts(red)).map(({ mutation }) => mutation.set);
    assert.ok(kept.some(({ role }) => role === 'Poison') && kept.some(({ role }) => role?.length === 201));
    const pushes = red.network.log.filter(isPush).length;
    await red.sync();
    const empty = red.network.log.filter(isPush).slice(pushes).filter(({ body }) => /job|"b"/.test(body));
    assert.deepEqual(empty, [], 'it is not sent again and again');
  });

  on('an id may be anything of letters, digits and _.- up to 64', async (server, t) => {
    const [red, blue] = await open(Phone, server, t);
    const ids = ['x', 'aZ09bY18cX27dW36', '_.-', 'a'.repeat(64), '0198c0de-0000-7000-8000-000000000001'];
    for (const id of ids) await red.create(C, id, JOB);
    assert.deepEqual((await quiet(red, blue)).map(({ id }) => id).sort(), [...ids].sort());
  });

  on('each phone is known by its session', async (server, t) => {
    const [red, blue] = await both(Phone, server, t);
    await blue.edit(C, 'job', { role: 'Lead' });
    await blue.sync();
    const { items } = await red.session.ask('/v1/records/opportunities/job/history');
    assert.deepEqual(items.map(({ device_id }) => device_id), [blue.session.id, red.session.id]);
  });

  on('an access token that ends between a pull and a push is exchanged once', async (server, t) => {
    const [red, blue] = await both(Phone, server, t);
    await red.edit(C, 'job', { role: 'Lead' });
    const { fate } = red.network;
    // A quarter of an hour later; a token is made useless where the clock is a real one.
    red.network.fate = async (seen) => {
      if (!isPush(seen)) return 'none';
      red.network.fate = fate;
      if (!(await advance(server, 16 * 60_000))) seen.token('made useless');
      return 'none';
    };
    await red.sync();
    assert.equal(red.session.refreshed, 1);
    const [{ role }] = await quiet(red, blue);
    assert.equal(role, 'Lead');
  });

  on('5,000 records go up and come down', async (server, t) => {
    const [red, blue] = await open(Phone, server, t);
    for (let n = 0; n < 5_000; n++) await red.create(C, `job-${n}`, { ...JOB, role: `Role ${n}` });
    await red.sync();
    await blue.sync();
    const seen = await view(blue);
    assert.equal(seen.length, 5_000);
    assert.deepEqual(seen, await view(red));
  });
}
