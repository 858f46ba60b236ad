#!/usr/bin/env node
// `nexo-agent-run FLAGS` is `nexo run FLAGS`, under the name and with the flags that scripts of old know.
process.argv.splice(2, 0, 'run');
void import('./main.ts');
