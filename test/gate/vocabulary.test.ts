import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';

import { CapabilitySchema } from '../../src/catalog/schemas.ts';
import { closedTools } from '../../src/harness/capability-map.ts';
import { HARNESS_NAMES } from '../../src/harness/contract.ts';
import { decideToolCall } from '../../src/hooks/gate/decide-tool-call.ts';
import { diskWorld } from '../../src/hooks/gate/disk-world.ts';
import { foldToolName } from '../../src/hooks/gate/tools/native.ts';
import {
  MAPPED_SEMANTIC_CLASSES,
  toolsOfSemanticClass,
} from '../../src/hooks/gate/tools/semantic-classes.ts';
import { createCall, createYard, type Yard } from './corpus.ts';

const file = join(import.meta.dirname, '../../assets/vocabulary/capabilities.yml');
const capabilities = z.array(CapabilitySchema).parse(parse(readFileSync(file, 'utf8')));
const classes = capabilities.flatMap((capability) => capability.blocks_semantic_classes);

let yard: Yard;
beforeAll(() => {
  yard = createYard();
});
afterAll(() => yard.dispose());

/** Input with which a tool of any kind does what it is there for. */
const INPUT = {
  command: 'touch made.txt',
  chars: 'touch made.txt',
  cmd: 'touch made.txt',
  input: '*** Begin Patch\n*** Add File: made.txt\n+x\n*** End Patch\n',
  file_path: 'made.txt',
  filePath: 'made.txt',
  notebook_path: 'made.ipynb',
  content: 'x',
  subagent_type: 'engineer',
  prompt: 'go on',
  to: 'engineer',
  question: 'Shall I?',
  title: 'A task',
  id: 1,
  status: 'completed',
};

describe('the vocabulary', () => {
  it('holds exactly the semantic classes that the gate maps', () => {
    expect([...MAPPED_SEMANTIC_CLASSES].sort()).toEqual([...new Set(classes)].sort());
  });
});

describe.each(HARNESS_NAMES)('in %s', (harness) => {
  it.each(capabilities)(
    'every semantic class of $id has a tool, and the gate refuses it',
    async ({ id, blocks_semantic_classes }) => {
      for (const each of blocks_semantic_classes) {
        const tools = toolsOfSemanticClass(harness, each);
        expect(tools, `${each} has no tool`).not.toEqual([]);
        const verdicts = await Promise.all(
          tools.map((tool) => decideToolCall(createCall(yard, harness, [id], tool, INPUT), diskWorld)),
        );
        expect(verdicts, `${each}: ${tools.join(', ')}`).toContainEqual(
          expect.objectContaining({ decision: 'deny' }),
        );
      }
    },
  );

  it.each(capabilities)(
    'every tool that $id closes in a rendered agent is one that the gate refuses',
    async ({ id, blocks_semantic_classes }) => {
      const { native, server } = closedTools(harness, [id]);
      const mapped = blocks_semantic_classes.flatMap((each) => toolsOfSemanticClass(harness, each));
      expect([...native, ...server], `${id} closes nothing`).not.toEqual([]);
      for (const tool of [...native.map(foldToolName), ...server]) {
        expect(mapped, `${id} closes ${tool}`).toContain(tool);
      }
    },
  );
});
