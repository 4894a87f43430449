import type { AnsweringFunction, ScriptFunction } from './definition.ts';

/** What a dry run does with a call of a function. */
export interface DryRunRule {
  /** In words, what becomes of it. */
  does: string;
  /** The part of a scenario that states the answer; null where nobody can answer otherwise. */
  stated: 'functions' | 'prompts' | 'steps' | null;
  /** What answers where the scenario states nothing: the function itself, nobody, or the run waits for it. */
  unstated: 'run' | 'null' | 'wait';
  /** Is the call told among the effects? */
  recorded: boolean;
}

/** The same for all functions of an effect: the dry run, the reference and the check of scenarios go by it. */
const rules: Readonly<Record<ScriptFunction['effect'], DryRunRule>> = {
  reads: {
    does: 'Answers from the scenario and the stored people.',
    stated: 'functions',
    unstated: 'run',
    recorded: false,
  },
  changes: {
    does: 'Changes what this run sees, and nothing that is stored.',
    stated: 'functions',
    unstated: 'run',
    recorded: true,
  },
  sends: {
    does: 'Answers as it would, and nothing is sent.',
    stated: 'functions',
    unstated: 'run',
    recorded: true,
  },
  tells: { does: 'Nothing is sent.', stated: null, unstated: 'null', recorded: true },
  // Whatever was made up for a server would decide the sign-in, and a run that ends well would prove nothing.
  asks: { does: 'Nobody is asked.', stated: 'functions', unstated: 'wait', recorded: true },
  shows: { does: 'No page is shown.', stated: 'prompts', unstated: 'wait', recorded: false },
  steers: { does: 'The same as in a sign-in.', stated: null, unstated: 'run', recorded: false },
};

/** A step is what its attempts come to. */
const stepRule: DryRunRule = { does: 'Nobody is asked.', stated: 'steps', unstated: 'wait', recorded: false };

export function dryRunOf({ effect, handlers }: Pick<ScriptFunction, 'effect' | 'handlers'>): DryRunRule {
  return effect === 'steers' && handlers ? stepRule : rules[effect];
}

/** Does the function's own code answer, in the world of the scenario? */
export function runsDry(fn: ScriptFunction): fn is AnsweringFunction {
  return fn.effect !== 'steers' && dryRunOf(fn).unstated === 'run';
}

/** Its fake; null where nothing of its answer is made up. */
export function fakeOf(fn: ScriptFunction) {
  return ('fake' in fn && fn.fake) || null;
}

/** What goes behind «In a dry run:», in sentences. */
export function describeDryRun(fn: ScriptFunction): string {
  const { does, stated, unstated, recorded } = dryRunOf(fn);
  const fake = fakeOf(fn);
  const computed = fn.effect === 'reads' && fn.domain === 'computed';
  return [
    computed
      ? rules.steers.does
      : fake
        ? `Its answer is made up, and the trace has it as fake: ${fake.summary}.`
        : does,
    ...(recorded ? ['The call stands among the effects.'] : []),
    ...(stated === null ? [] : [statement(fn.name, stated, unstated)]),
  ].join(' ');
}

function statement(name: string, stated: NonNullable<DryRunRule['stated']>, unstated: DryRunRule['unstated']): string {
  if (unstated !== 'wait') return `The scenario can state another answer under \`functions.${name}\`.`;
  const what = {
    functions: `The scenario states the answer under \`functions.${name}\``,
    prompts: 'The scenario states what the person does under `prompts`',
    steps: 'The scenario states under `steps` what each attempt comes to',
  }[stated];
  return `${what}; without it the run ends there, as waiting.`;
}
