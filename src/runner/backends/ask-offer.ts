import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import type { Clock } from '../../base/clock.ts';
import { nodeFileSystem, writeFileDurable } from '../../base/durable-file.ts';
import { runProcess } from '../../base/process.ts';
import type { Backend, BackendPlace, Offer } from './contract.ts';
import { asObject, asText, type JsonRecord, parseRecord } from './read-json.ts';

interface Remembered {
  readonly key: string;
  readonly askedAt: number;
  readonly offer: Offer;
}

/** How long an answer holds while program and configuration stay the same. */
const KEEP_MS = 24 * 3600_000;
/** A backend that does not answer by then is used without an answer. */
const ASK_TIMEOUT_MS = 20_000;

export interface AskOptions {
  readonly place: BackendPlace;
  readonly program: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** A folder for answers; made when it is missing. */
  readonly cache: string;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Asks anew whatever is remembered. */
  readonly refresh?: boolean;
}

/** What a backend offers, from memory or from its own program; undefined when it cannot be found out. */
export async function askOffer(backend: Backend, options: AskOptions): Promise<Offer | undefined> {
  const { place, program, env, cwd, cache, clock, signal } = options;
  const question = backend.offer(place);
  if (!('args' in question)) return question;
  const [file, ...words] = program;
  const path = join(cache, `${backend.name}.json`);
  const key = keyOf([...program, ...question.dependsOn]);
  const remembered = options.refresh === true ? undefined : readCache(path);
  if (remembered?.key === key && clock.now() - remembered.askedAt < KEEP_MS) return remembered.offer;
  try {
    const answer = await runProcess(file, [...words, ...question.args], {
      cwd,
      env,
      timeoutMs: ASK_TIMEOUT_MS,
      maxOutputBytes: 32 * 1024 * 1024,
      ...(signal === undefined ? {} : { signal }),
    });
    const offer = answer.code === 0 && !answer.truncated ? question.parse(answer.stdout) : undefined;
    if (offer !== undefined) writeCache(path, cache, { key, askedAt: clock.now(), offer });
    return offer;
  } catch {
    signal?.throwIfAborted();
    return undefined; // the run itself will say what is wrong with the program
  }
}

/** Changes when a file it stands for is replaced or edited. */
function keyOf(files: readonly string[]): string {
  return files
    .map((file) => {
      const stat = statSync(file, { throwIfNoEntry: false });
      return `${file} ${stat?.size ?? ''} ${stat?.mtimeMs ?? ''}`;
    })
    .join('\n');
}

function readCache(path: string): Remembered | undefined {
  try {
    const record = parseRecord(readFileSync(path, 'utf8'));
    const offer = asObject(record?.offer);
    if (typeof record?.key !== 'string' || typeof record.askedAt !== 'number' || offer === undefined)
      return undefined;
    return { key: record.key, askedAt: record.askedAt, offer: toOffer(offer) };
  } catch {
    return undefined; // never asked
  }
}

function writeCache(path: string, folder: string, content: Remembered): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileDurable(nodeFileSystem, path, JSON.stringify(content), { durable: false, mode: 0o600 });
  } catch {
    // Asking again next time is all it costs.
  }
}

function toOffer({ models, defaultEfforts }: JsonRecord): Offer {
  const texts = (value: unknown): string[] | undefined =>
    Array.isArray(value) ? value.flatMap((each) => asText(each) ?? []) : undefined;
  const known = Array.isArray(models) ? models.map(asObject) : undefined;
  return {
    models: known?.flatMap((model) => {
      const id = asText(model?.id);
      return id === undefined ? [] : [{ id, efforts: texts(model?.efforts) }];
    }),
    defaultEfforts: texts(defaultEfforts),
  };
}
