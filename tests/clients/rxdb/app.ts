// The RxDB side of an app: what openapi/guides/rxdb.md shows, and what the tests run.

// #region schema
import type { RxCollection, RxJsonSchema } from 'rxdb';
import { replicateRxCollection, type RxReplicationState } from 'rxdb/plugins/replication';
import { Subject } from 'rxjs';
import { events, type Line } from '../../../openapi/client/transport.ts';

const id = { type: 'string', maxLength: 64 };
const text = { type: 'string' };

export const opportunities: RxJsonSchema<any> = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: {
    id, employer: text, role: text, notes: text,
    via_agency: { type: 'boolean' },
    tags: { type: 'array', items: text },
  },
  required: ['id', 'employer', 'role'],
};

export const follow_ups: RxJsonSchema<any> = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: {
    id, opportunity_id: id, action_key: text, kind: text, title: text, due_at: text, status: text,
    sent_at: text, body: text,
  },
  required: ['id', 'opportunity_id', 'action_key', 'kind'],
};
// #endregion

// #region replication
export type Server = {
  url: string;
  /** Sends a request with the access token of this device's session. */
  fetch: typeof fetch;
};
type Checkpoint = { id: string; updatedAt: number };

/** Where a collection is on the server, and which fields the app wants to see of it. */
function place({ name, schema }: RxCollection) {
  const fields = Object.keys(schema.jsonSchema.properties).filter((name) => !name.startsWith('_'));
  return { path: `/v1/compat/rxdb/${name}/${schema.version}`, fields: `fields=${fields}` };
}

export function replicate(
  collection: RxCollection,
  { url, fetch }: Server,
  options: { live?: boolean; retryTime?: number; stream$?: Subject<any>; waitForLeadership?: boolean } = {},
): RxReplicationState<any, Checkpoint> {
  const { live = true, retryTime = 5_000, stream$, waitForLeadership = live } = options;
  const { path, fields } = place(collection);
  return replicateRxCollection<any, Checkpoint>({
    collection,
    replicationIdentifier: `${url}/${collection.name}`,
    live,
    retryTime,
    waitForLeadership,
    pull: {
      batchSize: 100,
      handler: async (checkpoint, batchSize) => {
        const { id, updatedAt } = checkpoint ?? { id: '', updatedAt: 0 };
        const query = `updatedAt=${updatedAt}&id=${encodeURIComponent(id)}&limit=${batchSize}&${fields}`;
        const response = await fetch(`${url}${path}/pull?${query}`);
        if (!response.ok) throw new Error(await response.text());
        const { documents, checkpoint: next } = await response.json();
        return { documents, checkpoint: next };
      },
      ...(stream$ && { stream$: stream$.asObservable() }),
    },
    push: {
      batchSize: 100,
      handler: async (rows) => {
        const response = await fetch(`${url}${path}/push?${fields}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(rows),
        });
        if (!response.ok) throw new Error(await response.text());
        return response.json();
      },
    },
  });
}
// #endregion

// #region live
/** Feeds `stream$` from the server until `signal` says stop; asks for everything anew after a gap. */
export async function follow(
  collection: RxCollection,
  stream$: Subject<any>,
  line: Required<Line>,
  signal: AbortSignal,
): Promise<void> {
  const { path, fields } = place(collection);
  while (!signal.aborted) {
    try {
      for await (const { data } of events(line, `${path}/pullStream?${fields}`, signal)) {
        stream$.next(JSON.parse(data));
      }
    } catch (error) {
      if (!signal.aborted) console.warn('the stream broke:', String(error));
    }
    if (signal.aborted) return;
    stream$.next('RESYNC');
    await line.sleep(1_000, signal);
  }
}
// #endregion
