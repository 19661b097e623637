// A wire to a server that can be cut.

import net from 'node:net';

/** Listens on this machine and passes everything on to `server`, until `drop` cuts what is connected. */
export async function wire(server) {
  const { hostname, port } = new URL(server.url);
  const open = new Set();
  let count = 0;
  const listener = net.createServer((near) => {
    count += 1;
    const far = net.connect(Number(port), hostname);
    for (const [one, other] of [[near, far], [far, near]]) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => (open.delete(one), other.destroy()));
    }
  });
  await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${listener.address().port}`,
    drop: () => open.forEach((socket) => socket.destroy()),
    connections: () => count,
    close: () => new Promise((resolve) => {
      open.forEach((socket) => socket.destroy());
      listener.close(resolve);
    }),
  };
}
