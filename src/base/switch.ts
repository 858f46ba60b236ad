/** The words that turn a switch on, in any case, with blanks around them. Everything else leaves it off. */
const ON = new Set(['1', 'true', 'yes', 'on']);

/** Whether the value of an environment variable turns its switch on. The one reading that all of Nexo uses. */
export function isSwitchOn(value: string | undefined): boolean {
  return value !== undefined && ON.has(value.trim().toLowerCase());
}
