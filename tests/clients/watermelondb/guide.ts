// The program of openapi/guides/watermelondb.md, in Node in the place of two phones.

import LokiModule from '@nozbe/watermelondb/adapters/lokijs';
import logger from '@nozbe/watermelondb/utils/common/logger';
import LokiPackage from 'lokijs';
import { authorized, FollowUp, migrations, open, Opportunity, schema, sync } from './app.ts';

const [url = 'http://127.0.0.1:8080', email = 'maya@example.org'] = process.argv.slice(2);
(logger as any).default.silence();

const post = async (path: string, body: object) => {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })).json();
};

async function device(path: string, name: string) {
  let tokens = await post(path, { email, password: 'correct horse battery' });
  const refresh = async () => {
    tokens = await post('/v1/auth/refresh', { refresh_token: tokens.refresh_token });
  };
  const Adapter = (LokiModule as any).default;
  const database = open(
    new Adapter({
      schema, migrations, dbName: name, useWebWorker: false, useIncrementalIndexedDB: false,
      extraLokiOptions: { autosave: false }, _testLokiAdapter: new (LokiPackage as any).LokiMemoryAdapter(),
    }),
  );
  return { database, server: { url, fetch: authorized(fetch, () => tokens.access_token, refresh) } };
}

const phone = await device('/v1/auth/register', 'phone');
const tablet = await device('/v1/auth/login', 'tablet');
const jobs = (of: typeof phone) => of.database.get<Opportunity>('opportunities');
const show = async (of: typeof phone) => {
  for (const { role, notes, tags } of await jobs(of).query().fetch()) console.log({ role, notes, tags });
};

// #region create
const job = await phone.database.write(() =>
  jobs(phone).create((job) => {
    job.employer = 'Prairie Books';
    job.role = 'Editor';
    job.notes = 'Two rounds, the first by phone.';
    job.tags = [];
  }),
);
await sync(phone.database, phone.server);
await sync(tablet.database, tablet.server);
// #endregion
await show(tablet);

// #region both
await phone.database.write(() => job.update((job) => void (job.notes = 'Two rounds, the first by phone with Anna.')));
const copy = await jobs(tablet).find(job.id);
await tablet.database.write(() =>
  copy.update((job) => {
    job.notes = 'Two rounds, the first by phone. Bring samples.';
    job.tags = ['books'];
  }),
);
await sync(phone.database, phone.server);
await sync(tablet.database, tablet.server);
await sync(tablet.database, tablet.server);
// #endregion
await show(tablet);

// #region sent
const note = await tablet.database.write(() =>
  tablet.database.get<FollowUp>('follow_ups').create((note) => {
    note.opportunityId = job.id;
    note.actionKey = `${job.id}/custom/${note.id}/self`;
    note.kind = 'custom';
    note.title = 'Thank Anna';
    note.dueAt = Date.parse('2036-05-08T14:00:00Z');
    note.status = 'open';
  }),
);
await tablet.database.write(() => note.update((note) => void (note.status = 'sent')));
await sync(tablet.database, tablet.server);
await sync(tablet.database, tablet.server);
// #endregion
console.log({ status: note.status, sentAt: typeof note.sentAt });
process.exit();
