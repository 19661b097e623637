// The WatermelonDB side of an app: what openapi/guides/watermelondb.md shows, and what the tests run.

// #region schema
import { appSchema, Database, Model, tableSchema, type DatabaseAdapter } from '@nozbe/watermelondb';
import { field, json, text } from '@nozbe/watermelondb/decorators';
import { schemaMigrations } from '@nozbe/watermelondb/Schema/migrations';
import { synchronize } from '@nozbe/watermelondb/sync';

export const schema = appSchema({
  version: 1,
  tables: [
    tableSchema({
      name: 'opportunities',
      columns: [
        { name: 'employer', type: 'string' },
        { name: 'role', type: 'string' },
        { name: 'notes', type: 'string' },
        { name: 'via_agency', type: 'boolean' },
        { name: 'tags', type: 'string' },
      ],
    }),
    tableSchema({
      name: 'follow_ups',
      columns: [
        { name: 'opportunity_id', type: 'string', isIndexed: true },
        { name: 'action_key', type: 'string' },
        { name: 'kind', type: 'string' },
        { name: 'title', type: 'string', isOptional: true },
        { name: 'due_at', type: 'number', isOptional: true },
        { name: 'status', type: 'string' },
        { name: 'sent_at', type: 'number', isOptional: true },
        { name: 'body', type: 'string', isOptional: true },
      ],
    }),
  ],
});

/** Grows with `version`; the first sync after an update then also gets what is in new columns and tables. */
export const migrations = schemaMigrations({ migrations: [] });

export class Opportunity extends Model {
  static table = 'opportunities';
  @text('employer') employer!: string;
  @text('role') role!: string;
  @field('notes') notes!: string;
  @field('via_agency') viaAgency!: boolean;
  @json('tags', (tags: unknown) => (Array.isArray(tags) ? tags : [])) tags!: string[];
}

export class FollowUp extends Model {
  static table = 'follow_ups';
  @field('opportunity_id') opportunityId!: string;
  @field('action_key') actionKey!: string;
  @field('kind') kind!: string;
  @field('title') title?: string;
  @field('due_at') dueAt?: number;
  @field('status') status!: string;
  @field('sent_at') sentAt?: number;
  @field('body') body?: string;
}

export const modelClasses = [Opportunity, FollowUp];
export const open = (adapter: DatabaseAdapter) => new Database({ adapter, modelClasses });
// #endregion

// #region sync
export type Server = {
  url: string;
  /** Sends a request with the access token of this device's session. */
  fetch: typeof fetch;
};

export async function sync(database: Database, { url, fetch }: Server): Promise<void> {
  const address = `${url}/v1/compat/watermelondb/sync`;
  await synchronize({
    database,
    sendCreatedAsUpdated: true,
    migrationsEnabledAtVersion: 1,
    pullChanges: async ({ lastPulledAt, schemaVersion, migration }) => {
      const query =
        `last_pulled_at=${lastPulledAt}&schema_version=${schemaVersion}` +
        `&migration=${encodeURIComponent(JSON.stringify(migration))}`;
      const response = await fetch(`${address}?${query}`);
      if (!response.ok) throw new Error(await response.text());
      const { changes, timestamp } = await response.json();
      return { changes, timestamp };
    },
    pushChanges: async ({ changes, lastPulledAt }) => {
      const response = await fetch(`${address}?last_pulled_at=${lastPulledAt}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(changes),
      });
      if (!response.ok) throw new Error(await response.text());
    },
  });
}
// #endregion

// #region session
/** A `fetch` with the session's access token, which is exchanged when it has ended: once, whoever asks. */
export function authorized(send: typeof fetch, token: () => string, refresh: () => Promise<void>): typeof fetch {
  let exchange: Promise<void> | undefined;
  return async (input, init) => {
    const used = token();
    const attempt = (token: string) =>
      send(input, { ...init, headers: { ...init?.headers, authorization: `Bearer ${token}` } });
    const response = await attempt(used);
    if (response.status !== 401) return response;
    if (used === token()) await (exchange ??= refresh().finally(() => (exchange = undefined)));
    return attempt(token());
  };
}
// #endregion
