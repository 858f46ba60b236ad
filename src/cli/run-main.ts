/** The same program as `lifecycle.ts`, as the build makes one file of it for `nexo run` alone (scripts/build.ts). */
export { runProcess } from './lifecycle.ts';
