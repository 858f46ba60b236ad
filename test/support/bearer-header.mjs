// Preloaded into a client that cannot be told to send a token: adds it to every request that undici, Node's own or
// the one from npm, is about to send. Nothing else about the requests changes.
import { subscribe } from 'node:diagnostics_channel';

const token = process.env.MCP_TEST_TOKEN;
subscribe('undici:request:create', ({ request }) => request.addHeader('authorization', `Bearer ${token}`));
