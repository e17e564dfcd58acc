// A client that others wrote, driven by a test: it connects to the server named,
// and then carries out one request a line from standard input, a line of JSON
// each, and answers each with one.
//
//   node client.mjs PACKAGE URL TOKEN
//
// PACKAGE is sdk (revisions to 2025-11-25) or client (2026-07-28).
import { createInterface } from "node:readline";

const [kind, url, token] = process.argv.slice(2);

const connectors = {
  async sdk() {
    const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
    const { StreamableHTTPClientTransport } = await import("@modelcontextprotocol/sdk/client/streamableHttp.js");
    return connect(new Client({ name: "foreign-sdk", version: "1" }), StreamableHTTPClientTransport);
  },
  async client() {
    const { Client, StreamableHTTPClientTransport } = await import("@modelcontextprotocol/client");
    return connect(
      new Client({ name: "foreign-client", version: "2" }, { versionNegotiation: { mode: { pin: "2026-07-28" } } }),
      StreamableHTTPClientTransport,
    );
  },
};

async function connect(client, Transport) {
  const headers = { Authorization: `Bearer ${token}` };
  await client.connect(new Transport(new URL(url), { requestInit: { headers } }));
  return client;
}

const client = await connectors[kind]();

const requests = {
  connected: () => ({ server: client.getServerVersion(), instructions: client.getInstructions() }),
  tools: () => client.listTools(),
  call: (params) => client.callTool(params),
  resources: () => client.listResources(),
  templates: () => client.listResourceTemplates(),
  read: (params) => client.readResource(params),
  prompts: () => client.listPrompts(),
  prompt: (params) => client.getPrompt(params),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { request, params } = JSON.parse(line);
  let answer;
  try {
    answer = { result: await requests[request](params) };
  } catch (error) {
    answer = { error: { code: error.code, message: error.message } };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
await client.close();
