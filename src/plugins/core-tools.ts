/**
 * Names of Nexo's own tools outside of the workspace contract, whose prefix `nx_` no plugin can have. A plain list, so
 * that nothing has to load the tools themselves to know their names; a pin compares it with them.
 */
export const CORE_TOOL_NAMES: ReadonlySet<string> = new Set([
  'nexo_advise',
  'nexo_doctor',
  'nexo_personal_plugin_create',
  'nexo_personal_script_create',
  'nexo_personal_script_remove',
  'nexo_personal_script_schedules',
  'nexo_personal_script_unschedule',
  'nexo_personal_scripts_classify',
  'nexo_personal_scripts_ensure_schedules',
  'nexo_personal_scripts_list',
  'nexo_personal_scripts_reconcile',
  'nexo_personal_scripts_sync',
  'nexo_plugin_list',
  'nexo_plugin_load',
  'nexo_plugin_remove',
  'nexo_schedule_add',
  'nexo_schedule_list',
  'nexo_schedule_remove',
  'nexo_schedule_status',
  'nexo_skill_apply',
  'nexo_skill_create',
  'nexo_skill_get',
  'nexo_skill_list',
  'nexo_skill_match',
  'nexo_skill_result',
  'nexo_skill_sync',
]);
