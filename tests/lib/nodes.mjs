// Several servers on one PostgreSQL database, as on several machines: each with
// a folder of its own, all with the same secret.
import { Client } from './client.mjs';
import { startServer } from './server.mjs';

const SECRET = 'the same secret on every one of the nodes';

/** An empty database of a cluster, by a URL that may name several servers. */
export function makeDatabase(cluster, name, url = `postgres://millwright@127.0.0.1:${cluster.port}/${name}`) {
  cluster.sql(`CREATE DATABASE ${name} OWNER millwright`);
  return { url, drop: () => {} };
}

export function startNode(database, { flags = [], env = {}, data } = {}) {
  return startServer({ database, data, flags, env: { MILLWRIGHT_SECRET: SECRET, ...env } });
}

/** The same client, asking another node. */
export const at = (node, client) => new Client(node, client.headers);
