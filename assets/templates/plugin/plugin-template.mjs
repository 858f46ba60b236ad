// What it may see of the environment goes here: env: ['CRM_TOKEN'].
export const plugin = {};

export const tools = [
  {
    name: 'nexo_my_plugin',
    description: 'What it does, in one line',
    inputSchema: {
      type: 'object',
      properties: { query: { type: 'string', description: 'what to look for' } },
      required: ['query'],
      additionalProperties: false,
    },
    handler: handleMyPlugin,
  },
];

async function handleMyPlugin({ query }) {
  // Your work begins here. Answer with an object; for input that makes no sense, say so.
  if (query.trim() === '') return { ok: false, error: 'Give a query.' };
  return { ok: true, query };
}
