// HTTP as bytes, for what a well-behaved client does not send.
import net from 'node:net';

/** An open connection: write(), and what came back so far in `text`. */
export function connect(server) {
  const { hostname, port } = new URL(server.url);
  const socket = net.connect({ host: hostname, port: Number(port) });
  const connection = { socket, text: '', closed: false };
  socket.on('data', (bytes) => { connection.text += bytes.toString('latin1'); });
  connection.end = new Promise((resolve) => {
    socket.once('close', () => { connection.closed = true; resolve(); });
  });
  socket.on('error', () => {}); // a reset is an end
  connection.write = (bytes) => { if (!connection.closed) socket.write(bytes); };
  connection.until = async (condition, ms = 5000) => {
    for (const end = Date.now() + ms; Date.now() < end && !condition(connection);) {
      if (connection.closed) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return condition(connection);
  };
  connection.destroy = () => socket.destroy();
  return connection;
}

/** The statuses of all answers in a text. */
export const statuses = (text) => [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map((m) => Number(m[1]));

/**
 * Sends bytes and waits for the server to close, or for `ms` of silence after
 * an answer. Gives {statuses, text, closed}.
 */
export async function send(server, bytes, { ms = 400 } = {}) {
  const connection = connect(server);
  connection.write(Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes, 'latin1'));
  await connection.until((c) => c.text.includes('\r\n\r\n'));
  for (let length = -1; !connection.closed && connection.text.length !== length;) {
    length = connection.text.length;
    await Promise.race([connection.end, new Promise((resolve) => setTimeout(resolve, ms))]);
  }
  const { text, closed } = connection;
  connection.destroy();
  return { statuses: statuses(text), text, closed };
}
