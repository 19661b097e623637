// The program of quick-start.md: `node quick-start.ts http://127.0.0.1:8080`.

// #region sign in
import { AfterviewSync } from '../client/afterview-sync.ts';
import { MemoryStorage } from '../client/storage.ts';

const [url = 'http://127.0.0.1:8080', email = 'maya@example.org'] = process.argv.slice(2);

/** Signs a device in. Each device has a session of its own. */
async function session(path: string, body: object) {
  const post = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  };
  let tokens = await post(path, body);
  return {
    token: () => tokens.access_token as string,
    refresh: async () => {
      tokens = await post('/v1/auth/refresh', { refresh_token: tokens.refresh_token });
    },
  };
}

const maya = { email, password: 'correct horse battery' };
const phone = await AfterviewSync.open({ url, storage: new MemoryStorage(), ...(await session('/v1/auth/register', maya)) });
const tablet = await AfterviewSync.open({ url, storage: new MemoryStorage(), ...(await session('/v1/auth/login', maya)) });
// #endregion

// #region first round
await phone.create('opportunities', { employer: 'Prairie Books', role: 'Editor', notes: 'Two rounds, the first by phone.' }, 'job');
console.log('at once:', phone.record('opportunities', 'job')?.role, '| waiting:', phone.waiting().length);
await phone.sync();
await tablet.sync();
console.log('on the tablet:', tablet.record('opportunities', 'job')?.role, '| waiting:', phone.waiting().length);
// #endregion

// #region offline
await phone.patch('opportunities', 'job', { set: { role: 'Senior editor', notes: 'Two rounds, the first by phone with Anna.' } });
await tablet.patch('opportunities', 'job', {
  set: { notes: 'Two rounds, the first by phone. Bring samples.' },
  add: { tags: ['books'] },
});
await phone.sync();
await tablet.sync();
await phone.sync();
const { role, notes, tags } = phone.record('opportunities', 'job')!;
console.log({ role, notes, tags });
// #endregion

// #region conflict
await phone.patch('opportunities', 'job', { set: { employer: 'Prairie Press' } });
await phone.sync();
await tablet.patch('opportunities', 'job', { set: { employer: 'Prairie Media' } });
await tablet.sync();
const [conflict] = tablet.conflicts();
console.log('kept:', conflict?.kept, '| lost:', conflict?.lost);
await tablet.act('conflicts', String(conflict?.id), 'resolve', { take: 'kept' });
await tablet.sync();
// #endregion

// #region refused
await tablet.create('interviews', { opportunity_id: 'job', starts_at: 'soon' }, 'talk');
await tablet.sync();
const [refused] = tablet.conflicts();
console.log(refused?.reason, '|', refused?.code, '|', refused?.lost);
// #endregion

// #region live
const stop = new AbortController();
const following = phone.follow(stop.signal);
await tablet.patch('opportunities', 'job', { set: { interest: 'low' } });
await tablet.sync();
while (phone.record('opportunities', 'job')?.interest !== 'low') await new Promise((resolve) => setTimeout(resolve, 10));
console.log('it came by itself');
stop.abort();
await following;
// #endregion
