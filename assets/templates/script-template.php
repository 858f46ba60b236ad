<?php
// nexo: name=my-script
// nexo: description=What it does, in one line
// nexo: runtime=php
// nexo: category=general
// nexo: timeout=600
//
// To run it by itself, add cron_id, schedule_required=true and one of schedule, interval_seconds or
// recovery_policy=restart_daemon above, then run: nexo scripts reconcile
// Or let Nexo write those lines: nexo scripts create my-script --runtime php --schedule 09:00
declare(strict_types=1);

$force = in_array('--force', $argv, true);

// Your work begins here.
$home = getenv('NEXO_HOME') ?: getenv('HOME') . '/.nexo';
echo "home: $home", $force ? ', forced' : '', PHP_EOL;
