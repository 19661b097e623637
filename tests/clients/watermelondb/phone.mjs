// An app with WatermelonDB on a phone of its own: its real package with LokiJS in memory.

import { Database } from '@nozbe/watermelondb';
import LokiModule from '@nozbe/watermelondb/adapters/lokijs';
import LokiPackage from 'lokijs';
import { logger } from '@nozbe/watermelondb/utils/common/index.js';
import { Network } from '../support/network.mjs';
import { authorized, migrations, modelClasses, schema, sync } from './app.ts';

const LokiJSAdapter = LokiModule.default;
// It tells of every step.
logger.silence();

/** How a field is stored in a column: lists as JSON, times as milliseconds. */
export function toColumn(value) {
  if (Array.isArray(value)) return JSON.stringify(value);
  return /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : value;
}

/** What the columns of a row say, as the fields of a record. */
function toFields({ _status, _changed, ...row }) {
  const fields = {};
  for (const [name, value] of Object.entries(row)) {
    if (value === null) continue;
    if (name === 'tags') fields[name] = JSON.parse(value || '[]');
    else fields[name] = /_at$/.test(name) ? new Date(value).toISOString() : value;
  }
  return fields;
}

export class WatermelonPhone {
  static async open(session, options) {
    return new WatermelonPhone(session, options);
  }

  /** `schema`, `migrations` and `models` besides are those of the app; `pull` and `push` go into the addresses. */
  constructor(session, options = {}) {
    const { storage = new LokiPackage.LokiMemoryAdapter(), models = [], pull = '', push = '' } = options;
    this.session = session;
    this.network = new Network();
    this.storage = storage;
    const adapter = new LokiJSAdapter({
      schema: options.schema ?? schema,
      migrations: options.migrations ?? migrations,
      dbName: `phone-${session.id}`,
      useWebWorker: false,
      useIncrementalIndexedDB: false,
      extraLokiOptions: { autosave: false },
      _testLokiAdapter: storage,
    });
    this.database = new Database({ adapter, modelClasses: [...modelClasses, ...models] });
    const send = authorized(this.network.fetch, session.token, session.refresh);
    const fetch = (input, init) => send(`${input}${init?.method === 'POST' ? push : pull}`, init);
    this.server = { url: session.server.url, fetch };
  }

  async create(c, id, fields) {
    await this.database.write(() =>
      this.database.get(c).create((record) => {
        record._raw.id = id;
        for (const [name, value] of Object.entries(fields)) record._setRaw(name, toColumn(value));
      }),
    );
  }

  async edit(c, id, fields) {
    await this.database.write(async () => {
      const record = await this.database.get(c).find(id);
      await record.update(() => {
        for (const [name, value] of Object.entries(fields)) record._setRaw(name, toColumn(value));
      });
    });
  }

  async clear(c, id, field) {
    await this.edit(c, id, { [field]: null });
  }

  async remove(c, id) {
    await this.database.write(async () => (await this.database.get(c).find(id)).markAsDeleted());
  }

  /** The fields of a record as this phone shows them, if it has one of that name. */
  async read(c, id) {
    return (await this.all(c)).find((doc) => doc.id === id);
  }

  async all(c) {
    const rows = await this.database.get(c).query().fetch();
    return rows.map((row) => toFields(row._raw)).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Waits until everything is in the storage, where another app can find it. */
  async stored() {
    const { loki } = this.database.adapter.underlyingAdapter._driver ?? {};
    await new Promise((resolve) => loki.saveDatabase(resolve));
  }

  async sync() {
    await sync(this.database, this.server);
  }

  async close() {}
}
