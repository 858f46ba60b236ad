import { nexoVersion } from '../../version.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  description: 'Prints the version. With --json also what it runs on.',
  example: 'nexo version --json',
  flags: {},
  run: async () => ({
    version: nexoVersion(),
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
  }),
  render: ({ version }) => version,
});
