// The reference client on a phone of its own.

import { AfterviewSync } from '../../../openapi/client/afterview-sync.ts';
import { MemoryStorage } from '../../../openapi/client/storage.ts';
import { Network } from '../support/network.mjs';

/** A phone with the reference client; what the server refused is in `refused`, pauses are in `pauses`. */
export async function phone(session, options = {}) {
  const network = new Network();
  const [refused, pauses, storage] = [[], [], new MemoryStorage()];
  const all = {
    url: session.server.url, storage, token: session.token, refresh: session.refresh, fetch: network.fetch,
    refused: (what) => refused.push(what), sleep: async (ms) => void pauses.push(ms), ...options,
  };
  const client = await AfterviewSync.open(all);
  return { client, session, network, refused, pauses, storage, again: () => AfterviewSync.open(all) };
}

/** A phone with the reference client, as scenarios know phones. */
export class NativePhone {
  static async open(session, options) {
    const opened = new NativePhone();
    return Object.assign(opened, await phone(session, options));
  }

  create = (c, id, fields) => this.client.create(c, fields, id);
  edit = (c, id, set) => this.client.patch(c, id, { set });
  clear = (c, id, field) => this.edit(c, id, { [field]: null });
  remove = (c, id) => this.client.delete(c, id);
  read = async (c, id) => this.client.record(c, id);
  all = async (c) => this.client.all(c);
  sync = () => this.client.sync();
  close = async () => {};
}

/** So many phones of one person. */
export async function sameOn(phones) {
  return Promise.all(phones.map((session) => phone(session)));
}
