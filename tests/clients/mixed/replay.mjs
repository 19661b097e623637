// Tells the story of one seed with all requests and answers that name one record:
// `node --import ./support/typescript.mjs mixed/replay.mjs SEED STEPS RECORD`.

import { Network } from '../support/network.mjs';
import { servers } from '../support/server.mjs';
import { simulate } from './simulation.mjs';

const [seed, steps, record] = process.argv.slice(2);
Network.trace = ({ method, path, body = '', status, answer }) => {
  if (`${body}${answer}`.includes(`"${record}"`)) console.log(`${method} ${path}\n  ${body}\n  ${status} ${answer}`);
};
const error = await simulate(servers[0], Number(seed), Number(steps)).then(console.log, (error) => error);
if (error) console.log(error.message, error.cause);
process.exit();
