import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';

import { createRunHome } from '../../test/support/run-home.ts';
import { runAutomationJson, runAutomationText } from './answers.ts';
import { extractJson } from './extract-json.ts';
import { openRunRecords } from './records/best-effort.ts';

const schema = {
  type: 'object',
  required: ['animal', 'legs'],
  properties: { animal: { type: 'string' }, legs: { type: 'integer', enum: [2, 4] } },
  additionalProperties: false,
};

/** A home where the scripted backend gives these answers, one a turn of its session. */
function answering(...answers: string[]) {
  const home = createRunHome();
  const replies = answers.map((answer, index) => ({ when: { turn: index + 1 }, steps: [{ answer }] }));
  const script = join(home.project, 'script.json');
  writeFileSync(script, JSON.stringify({ replies }));
  return {
    ...home,
    request: { caller: 'personal/json', backend: 'scripted', prompt: 'Name an animal.', script },
  };
}

describe.concurrent('runAutomationJson', () => {
  it('answers with the value', async ({ expect }) => {
    const { request, world } = answering('```json\n{"animal": "dog", "legs": 4}\n```');
    expect(await runAutomationJson({ ...request, schema }, world)).toEqual({ animal: 'dog', legs: 4 });
  });

  it('has an answer corrected in the same session, and says what is wrong with it', async ({ expect }) => {
    const { request, world } = answering(
      'A dog has four.',
      '{"animal": "dog", "legs": 5}',
      '{"animal": "dog", "legs": 4}',
    );
    const notes: string[] = [];
    expect(
      await runAutomationJson({ ...request, schema }, world, { onNote: (line) => notes.push(line) }),
    ).toEqual({
      animal: 'dog',
      legs: 4,
    });
    expect(notes[0]).toContain('It is not JSON.');
    expect(notes[1]).toContain('"legs" must be equal to one of the allowed values: 2, 4.');
    const records = await openRunRecords(world);
    const runs = records.list({ limit: 10 });
    records.close();
    expect(runs).toHaveLength(3);
    expect(new Set(runs.map(({ sessionId }) => sessionId)).size).toBe(1);
  });

  it('gives up after its attempts', async ({ expect }) => {
    const { request, world } = answering('no', 'no', 'no', '{"animal": "dog", "legs": 4}');
    await expect(runAutomationJson({ ...request, schema }, world)).rejects.toMatchObject({
      code: 'RUN_ANSWER_INVALID',
    });
    const none = answering('no', '{"animal": "dog", "legs": 4}');
    await expect(
      runAutomationJson({ ...none.request, schema, repairs: 0 }, none.world),
    ).rejects.toMatchObject({
      code: 'RUN_ANSWER_INVALID',
    });
  });

  it('takes any JSON without a schema, and refuses a schema that is none', async ({ expect }) => {
    const { request, world } = answering('[1, 2]');
    expect(await runAutomationJson(request, world)).toEqual([1, 2]);
    await expect(runAutomationJson({ ...request, schema: { type: 'animal' } }, world)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
  });

  it('keeps all attempts together within the limits of one', async ({ expect }) => {
    const { request, world } = answering('no', 'no', '{"animal": "dog", "legs": 4}');
    await expect(runAutomationJson({ ...request, schema, maxTurns: 1 }, world)).rejects.toMatchObject({
      code: 'RUN_FAILED',
      data: { reason: 'turns' },
    });
  });
});

describe('runAutomationText', () => {
  it('answers with the text, and throws when there is none', async ({ expect }) => {
    const { request, world, project } = answering('A dog.');
    expect(await runAutomationText(request, world)).toBe('A dog.');
    writeFileSync(
      join(project, 'script.json'),
      JSON.stringify({ replies: [{ steps: [{ fail: { message: 'no dog' } }] }] }),
    );
    await expect(runAutomationText(request, world)).rejects.toMatchObject({ code: 'RUN_FAILED' });
  });
});

describe('extractJson', () => {
  it.each([
    ['1', { value: 1 }],
    [' {"a": [1]} \n', { value: { a: [1] } }],
    ['Here it is:\n```json\n{"a": 1}\n```\nDone.', { value: { a: 1 } }],
    ['```\nnull\n```', { value: null }],
    ['```json\n1\n```\n```json\n2\n```', undefined],
    ['', undefined],
    ['{"a": 1', undefined],
  ])('finds in %j what is meant', (answer, expected) => {
    if (JSON.stringify(extractJson(answer)) !== JSON.stringify(expected)) throw new Error(answer);
  });
});
