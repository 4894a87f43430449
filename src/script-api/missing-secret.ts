/** A secret that a call names and that is not there, with the mend. */
export function describeMissingSecret(name: string): string {
  const shown = name.length > 100 ? `${name.slice(0, 99)}…` : name;
  return `There is no secret «${shown}». Make it: POST /api/v1/secrets {"name": ${JSON.stringify(shown)}, "value": "…"}.`;
}
