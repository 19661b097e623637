// What must be true in the end, whatever was lost on the way.

import { NativePhone } from '../native/phone.mjs';
import { WatermelonPhone } from '../watermelondb/phone.mjs';

const COLLECTIONS = ['opportunities', 'follow_ups'];
const byId = (a, b) => (a.id < b.id ? -1 : 1);
const words = (text) => new Set(text.match(/\bw\d+\b/g));

/** What every client of a collection shows, in one form. */
export function canonical(c, doc) {
  if (c === 'opportunities') {
    const { id, employer, role, notes = '', via_agency = false, tags = [] } = doc;
    return { id, employer, role, notes, via_agency, tags: [...tags].sort() };
  }
  const { id, opportunity_id, title, body = '', status, sent_at } = doc;
  return { id, opportunity_id, title, body, status, sent_at: sent_at && new Date(sent_at).toISOString() };
}

export async function seenBy(phone) {
  const seen = {};
  for (const c of COLLECTIONS) seen[c] = (await phone.all(c)).map((doc) => canonical(c, doc)).sort(byId);
  return seen;
}

/** Everything that the server has and had. */
export async function everything(session) {
  const headers = { authorization: `Bearer ${session.access}` };
  const response = await fetch(`${session.server.url}/v1/sync/snapshot`, { headers });
  const lines = (await response.text()).trimEnd().split('\n').map((line) => JSON.parse(line)).filter(({ doc }) => doc);
  const state = {};
  for (const c of COLLECTIONS) {
    const docs = lines.filter((line) => line.c === c).map(({ doc }) => canonical(c, doc));
    state[c] = docs.sort(byId);
  }
  const text = JSON.stringify(lines.map(({ doc }) => doc));
  return { state, text, conflicts: lines.filter(({ c }) => c === 'conflicts') };
}

/** All changes of a record, the newest first; none of one that never arrived. */
export async function historyOf(session, c, id) {
  const items = [];
  let cursor;
  do {
    const query = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
    const response = await fetch(`${session.server.url}/v1/records/${c}/${id}/history?limit=200${query}`, {
      headers: { authorization: `Bearer ${session.access}` },
    });
    if (response.status === 404) return items;
    const page = await response.json();
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return items;
}

/** What became of every word: `{ vanished, destroyed, undone }`, and follow-ups that fell back from `sent`. */
export async function audit(session, person) {
  const records = [...new Set(person.typed.map(({ c, id }) => `${c}/${id}`))].sort().reverse();
  const { text: before } = await everything(session);
  await restore(session, records);
  const { text: after, conflicts } = await everything(session);
  const text = before + after;
  const fellBack = [];
  let kept = text;
  for (const record of records) {
    const changes = await historyOf(session, ...record.split('/'));
    kept += JSON.stringify(changes);
    const statuses = changes.map(({ changed }) => changed?.status).filter((status) => status);
    if (statuses.some(({ old }) => old === 'sent')) fellBack.push(record);
  }
  const found = words(kept);
  const [vanished, destroyed, undone] = [[], [], []];
  for (const it of person.typed) {
    if (found.has(it.word)) continue;
    // A word that never left the phone is the phone's own affair.
    if (arrived(it.phone).has(it.word)) vanished.push(it);
    else if (person.undone.has(it.word)) undone.push(it);
    else if (it.phone instanceof WatermelonPhone && wasToldToDelete(it.phone, it)) destroyed.push(it);
    else vanished.push(it);
  }
  return { vanished, destroyed, undone, fellBack, conflicts: conflicts.length };
}

/** Brings back what was deleted: its content is kept for half a year. Opportunities come first. */
async function restore(session, records) {
  const mutations = records.map((record) => {
    const [c, id] = record.split('/');
    return { mid: `restore-${id}`, c, id, op: 'restore' };
  });
  await session.ask('/v1/sync', { body: { protocol: 1, schema: 1, client_time: 0, mutations } });
}

/** The words in whatever this phone sent that arrived. */
function arrived(phone) {
  phone.words ??= words(phone.network.log.map((seen) => (seen.status === 200 ? said(seen) : '')).join('\n'));
  return phone.words;
}

/** What a request said. Documents that RxDB deletes say also what their author typed and then deleted with them. */
function said({ path, body = '' }) {
  if (!path.includes('/rxdb/') || body === '') return body;
  return JSON.stringify(JSON.parse(body).filter(({ newDocumentState }) => !newDocumentState._deleted));
}

/** Whether a pull told a WatermelonDB phone to destroy the record: it does so with what was not pushed yet. */
function wasToldToDelete({ network }, { c, id }) {
  return network.log.some(({ method, answer, status }) => {
    if (method !== 'GET' || status !== 200 || !answer.includes(id)) return false;
    return JSON.parse(answer).changes?.[c]?.deleted.includes(id);
  });
}

export const kindOf = (phone) =>
  phone instanceof NativePhone ? 'native' : phone instanceof WatermelonPhone ? 'WatermelonDB' : 'RxDB';
