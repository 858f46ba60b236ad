import { type ErrorCode, type ErrorDetail, NexoError } from '../errors.ts';

/** An error about one plugin file; whoever reads it wants to know which. */
export function pluginError(
  code: ErrorCode,
  file: string,
  what: string,
  detail: ErrorDetail = {},
): NexoError {
  return new NexoError(code, `Plugin ${file}: ${what}.`, {
    ...detail,
    data: { plugin: file, ...detail.data },
  });
}

export function loadFailed(file: string, what: string, detail: ErrorDetail = {}): NexoError {
  return pluginError('PLUGIN_LOAD_FAILED', file, what, {
    hint: `Correct it and save it, or try it with: nexo plugins load ${file}`,
    ...detail,
  });
}
