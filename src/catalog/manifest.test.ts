import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { scratchCatalog } from '../../test/support/catalog.ts';
import { packageRoot } from '../version.ts';
import { loadCatalog } from './load.ts';
import { createManifest, ManifestSchema, renderManifest } from './manifest.ts';

const assets = join(packageRoot(), 'assets');
const text = readFileSync(join(assets, 'manifest.json'), 'utf8');
const manifest = ManifestSchema.parse(JSON.parse(text));

describe('the shipped manifest', () => {
  it('has the keys of the contract at the top and in the vocabulary, and no others', () => {
    expect(Object.keys(manifest)).toEqual([
      'nexus_core_version',
      'nexus_core_commit',
      'schema_contract_version',
      'agents',
      'skills',
      'vocabulary',
    ]);
    expect(manifest.schema_contract_version).toBe('2.0');
    expect(Object.keys(manifest.vocabulary)).toEqual([
      'capabilities',
      'categories',
      'resume_tiers',
      'tags',
      'invocations',
      'task_exceptions',
      'memory_policy',
    ]);
  });

  it('states for each body the digest that anyone can compute', () => {
    for (const [kind, items] of [
      ['agents', manifest.agents],
      ['skills', manifest.skills],
    ] as const) {
      for (const { id, body_hash } of items) {
        const body = readFileSync(join(assets, kind, id, 'body.md'), 'utf8');
        const digest = createHash('sha256')
          .update(`${body.replaceAll('\r\n', '\n').trimEnd()}\n`)
          .digest('hex');
        expect(body_hash, id).toBe(`sha256:${digest}`);
      }
    }
  });

  it('is sorted by id', () => {
    const ids = manifest.agents.map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted());
    expect(ids).toHaveLength(10);
    expect(manifest.skills.map(({ id }) => id)).toEqual([
      'nx-init',
      'nx-plan',
      'nx-run',
      'nx-setup',
      'nx-sync',
    ]);
  });

  it('leaves out what only an author of bodies needs to know of an invocation', () => {
    for (const invocation of manifest.vocabulary.invocations) {
      expect(Object.keys(invocation).sort()).toEqual(['description', 'fallback', 'id']);
    }
  });

  it('has the vocabulary of the contract', () => {
    const ids = (items: readonly { id: string }[]) => items.map(({ id }) => id);
    expect(ids(manifest.vocabulary.capabilities)).toEqual([
      'no_file_edit',
      'no_task_create',
      'no_task_update',
      'no_task_close',
      'no_shell_exec',
      'no_subagent_spawn',
      'no_user_question',
    ]);
    expect(manifest.vocabulary.capabilities.find(({ id }) => id === 'no_file_edit')).toMatchObject({
      intent: 'workspace_write_denial',
      blocks_semantic_classes: [
        'file_creation',
        'file_modification',
        'file_deletion',
        'partial_file_edit',
        'structured_document_edit',
      ],
    });
    expect(ids(manifest.vocabulary.categories).sort()).toEqual(['check', 'do', 'how', 'lead']);
    expect(ids(manifest.vocabulary.resume_tiers).sort()).toEqual(['bounded', 'ephemeral', 'persistent']);
    expect(ids(manifest.vocabulary.task_exceptions)).toEqual([
      'docs_only.coherent',
      'docs_only.independent',
      'same_file_bundle',
      'generated_artifacts',
    ]);
    expect(ids(manifest.vocabulary.invocations)).toEqual([
      'skill_activation',
      'subagent_spawn',
      'subagent_resume',
      'task_register',
      'user_question',
      'memory_read_observation',
    ]);
    expect(
      manifest.vocabulary.tags.map(({ trigger, variants = [] }) => [
        trigger,
        ...variants.map((each) => each.trigger),
      ]),
    ).toEqual([
      ['[plan]', '[plan:auto]'],
      ['[run]'],
      ['[sync]'],
      ['[init]', '[init:reset]'],
      ['[d]'],
      ['[m]'],
      ['[m:gc]'],
      ['[rule]', '[rule:<any>]'],
    ]);
    expect(manifest.vocabulary.memory_policy).toMatchObject({
      categories: [{ prefix: 'empirical-' }, { prefix: 'external-' }, { prefix: 'pattern-' }],
      forgetting: { manual_gate_default: true, recoverable_deletion_requirement: 'git_commit' },
    });
  });

  it('is what the folders give, byte for byte', () => {
    const made = createManifest(
      loadCatalog([{ kind: 'built-in', name: 'built-in', folder: assets }]),
      manifest.nexus_core_version,
    );
    expect(made && renderManifest(made)).toBe(text);
  });
});

describe('createManifest', () => {
  it('does not depend on line ends or on what users add', () => {
    const scratch = scratchCatalog();
    scratch.write(
      'built-in',
      'agents/lead/body.md',
      scratch.read('built-in', 'agents/lead/body.md').replaceAll('\n', '\r\n'),
    );
    scratch.write('personal', 'agents/engineer/extend.yml', 'capabilities: [no_shell_exec]\n');
    expect(createManifest(loadCatalog(scratch.layers), manifest.nexus_core_version)).toEqual(manifest);
  });

  it('names other content when a translation changes', () => {
    const scratch = scratchCatalog();
    scratch.edit('agents/lead/body.ko.md', '당신은', '너는');
    const made = createManifest(loadCatalog(scratch.layers), manifest.nexus_core_version);
    expect(made).toEqual({ ...manifest, nexus_core_commit: made?.nexus_core_commit });
    expect(made?.nexus_core_commit).not.toBe(manifest.nexus_core_commit);
  });

  it('is not made without a vocabulary', () => {
    const scratch = scratchCatalog();
    scratch.remove('built-in', 'vocabulary/memory-policy.yml');
    expect(createManifest(loadCatalog(scratch.layers), '0.1.0')).toBeUndefined();
  });
});
