import type { Lang } from '../../catalog/body.ts';
import type { HarnessName } from '../contract.ts';
import { jsonFile, type RenderedFile } from '../rendering.ts';

export interface TemplateFacts {
  readonly harness: HarnessName;
  readonly title: string;
  readonly name: string;
  /** Package and version of this program. */
  readonly packageName: string;
  readonly version: string;
  readonly lang: Lang;
}

/** What a plugin repository needs around the rendered files: written once, and the author's from then on. */
export function templateFiles(facts: TemplateFacts): RenderedFile[] {
  const { harness, name, title, packageName, version } = facts;
  return [
    jsonFile(
      'package.json',
      {
        name,
        version: '0.1.0',
        private: true,
        description: `A team of agents for ${title}, rendered by nexo.`,
        scripts: {
          render: renderCommand(facts),
          check: `${renderCommand(facts)} --check`,
        },
        devDependencies: { [packageName]: `^${version}` },
      },
      'template',
    ),
    { path: 'README.md', content: readme(facts), kind: 'template' },
    { path: '.gitignore', content: 'node_modules/\n', kind: 'template' },
    { path: `.github/workflows/${harness}.yml`, content: workflow(facts), kind: 'template' },
    { path: 'catalog/README.md', content: CATALOG_README, kind: 'template' },
  ];
}

function renderCommand({ harness, name, lang }: TemplateFacts): string {
  const language = lang === 'en' ? '' : ` --lang ${lang}`;
  return `nexo harness init --harness ${harness} --target . --name ${name}${language}`;
}

function readme({ harness, title, name }: TemplateFacts): string {
  return `# ${name}

A team of agents with plans, tasks and gates for ${title}. Everybody who uses it needs \`nexo\` on their PATH.

${USE[harness]}
## What is whose

| files | whose |
|---|---|
| listed in \`.nexo-rendered.json\` | rendered; \`npm run render\` writes them again, and reports those that were edited by hand |
| \`README.md\`, \`package.json\`, \`.gitignore\`, \`.github/\`, \`catalog/\` and everything else | yours |

Agents and skills of your own go into \`catalog/\` and are rendered with the others.

\`\`\`sh
npm install
npm run render   # after an upgrade of nexo, or a change in catalog/
npm run check    # ends with 1 when something would change
\`\`\`
`;
}

const USE: Readonly<Record<HarnessName, string>> = {
  claude: `The repository is the plugin:

\`\`\`sh
claude --plugin-dir .
\`\`\`

To share it, add it to a marketplace; \`.claude-plugin/marketplace.json\` is one for this plugin alone.

`,
  codex: `The repository is a project that Codex works in. Start \`codex\` here, accept its question about the project, and
trust the hooks in \`/hooks\`: until then no gate holds. \`install/config.fragment.toml\` and
\`install/AGENTS.fragment.md\` go into your own \`config.toml\` and \`AGENTS.md\`.

`,
  opencode: `The repository is a project that OpenCode works in: agents, skills and the plugin with the hooks are in
\`.opencode/\`, the server is in \`opencode.json\`. Copy both into a project of yours, or start \`opencode\` here.

`,
};

function workflow({ harness }: TemplateFacts): string {
  return `name: ${harness}
on: [push, pull_request]
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-node@v5
        with:
          node-version: 24
      - run: npm install
      - run: npm run check
`;
}

const CATALOG_README = `# Agents and skills of your own

\`agents/<id>/meta.yml\` and \`body.md\`, \`skills/<id>/meta.yml\` and \`body.md\`, as in nexo's own catalog. An
\`agents/<id>/extend.yml\` with a list of \`capabilities\` takes more away from an agent that is there already.
`;
