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

/** So many phones of one person. */
export async function sameOn(phones) {
  return Promise.all(phones.map((session) => phone(session)));
}
