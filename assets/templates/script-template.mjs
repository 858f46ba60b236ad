#!/usr/bin/env node
// nexo: name=my-script
// nexo: description=What it does, in one line
// nexo: runtime=node
// nexo: category=general
// nexo: timeout=600
// nexo: tools=nexo_personal_scripts_list
//
// To run it by itself, add cron_id, schedule_required=true and one of schedule, interval_seconds or
// recovery_policy=restart_daemon above, then run: nexo scripts reconcile
// Or let Nexo write those lines: nexo scripts create my-script --runtime node --schedule 09:00
//
// A question to a model goes through runAutomationText(prompt, { caller: 'personal/my-script', tier: 'medio' }):
// which model answers, and how hard it thinks, is decided by your settings and never written down here.
import { parseArgs } from 'node:util';

import * as nexo from 'nexo/helper';

const { values } = parseArgs({ options: { force: { type: 'boolean', default: false } } });

// Your work begins here.
const { total } = await nexo.callToolJson('nexo_personal_scripts_list', { limit: 100 });
console.log(`personal scripts: ${total}${values.force ? ', forced' : ''}`);
