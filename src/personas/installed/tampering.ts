import { NexoError } from '../../errors.ts';
import { verifyInstalled } from './listing.ts';
import { readMetadata } from './metadata.ts';

/**
 * Says in words why an installed pack is not what was verified when it was installed; undefined when it is, or when
 * somebody put it there by hand. For whoever loads packs.
 */
export function tamperedWith(folder: string): string | undefined {
  try {
    const metadata = readMetadata(folder);
    if (metadata === undefined) return undefined;
    const [first, ...more] = verifyInstalled(folder, metadata);
    if (first === undefined) return undefined;
    const others = more.length === 0 ? '' : `, and ${more.length} more deviations`;
    return `is not what was installed: ${first.path} is ${first.what}${others}`;
  } catch (error) {
    if (error instanceof NexoError) return error.message;
    throw error;
  }
}
