// An app with RxDB on a phone of its own: its real package with storage in memory.

import { addRxPlugin, createRxDatabase } from 'rxdb';
import { RxDBMigrationSchemaPlugin } from 'rxdb/plugins/migration-schema';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { authorized } from '../watermelondb/app.ts';
import { Network } from '../support/network.mjs';
import { follow_ups, opportunities, replicate } from './app.ts';

addRxPlugin(RxDBMigrationSchemaPlugin);

/** Storages of one name are one, even if their servers give out the same sessions. */
let opened = 0;

export class RxPhone {
  /** `schemas` are those of the app; `push` goes into the address of pushes. */
  static async open(session, { schemas = { opportunities, follow_ups }, push = '' } = {}) {
    const phone = new RxPhone();
    phone.session = session;
    phone.network = new Network();
    const send = authorized(phone.network.fetch, session.token, session.refresh);
    const fetch = (input, init) => send(`${input}${init?.method === 'POST' ? push : ''}`, init);
    phone.server = { url: session.server.url, fetch };
    phone.storage = getRxStorageMemory();
    opened += 1;
    phone.databaseName = `phone${opened}`;
    const collections = Object.entries(schemas).map(([name, schema]) => [name, { schema }]);
    await phone.start(Object.fromEntries(collections));
    return phone;
  }

  async start(collections) {
    this.database = await createRxDatabase({ name: this.databaseName, storage: this.storage, multiInstance: false });
    await this.database.addCollections(collections);
  }

  /** The next version of the app on what this one has stored. */
  async update(collections) {
    await this.database.close();
    await this.start(collections);
    return this;
  }

  async create(c, id, fields) {
    await this.database[c].insert({ id, ...fields });
  }

  async edit(c, id, fields) {
    const document = await this.database[c].findOne(id).exec();
    await document.incrementalPatch(fields);
  }

  async clear(c, id, field) {
    const document = await this.database[c].findOne(id).exec();
    await document.incrementalModify(({ [field]: _, ...others }) => others);
  }

  async remove(c, id) {
    await (await this.database[c].findOne(id).exec()).incrementalRemove();
  }

  /** The fields of a record as this phone shows them, if it has one of that name. */
  async read(c, id) {
    return (await this.database[c].findOne(id).exec())?.toMutableJSON();
  }

  async all(c) {
    const documents = await this.database[c].find().exec();
    return documents.map((document) => document.toMutableJSON()).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** One round: pulls, pushes what is new here, and is done; what fails is tried again. */
  async sync(options = {}) {
    for (const collection of Object.values(this.database.collections)) {
      const running = replicate(collection, this.server, { live: false, retryTime: 5, ...options });
      await running.awaitInitialReplication();
      await running.cancel();
    }
  }

  async close() {
    await this.database.close();
  }
}
