import type { Question } from '../../sandbox/protocol.ts';
import { promptLimits } from '../script-api/functions/prompt.ts';
import { ScriptCallError } from '../script-api/read-arguments.ts';
import { assetKey } from '../script-assets/asset.ts';
import {
  builtInPrompts,
  isFieldName,
  type PromptField,
  type PromptTemplate,
} from '../script-assets/prompt-template.ts';
import type { PublishedFlow } from './flow.ts';

/** A prompt as the journal has it. It opens a turn, and proves nothing. */
export interface PromptAnswer {
  at: number;
  /** `Accept` for the button `action.accept`: the callback `onAccept`. */
  outcome: string;
  params: Record<string, string[]>;
  failure?: { code: 'CANCELLED'; params: Record<string, string>; detail: null };
}

/**
 * The template of a call, with the fields that its data give.
 * @throws ScriptCallError when there is none, or the data do not fit
 */
export function readPrompt(
  { op, args }: Pick<Question, 'op' | 'args'>,
  { promptTemplates = [], steps }: Pick<PublishedFlow, 'promptTemplates' | 'steps'>,
): { template: PromptTemplate; data: Record<string, string> } {
  if (op === identifierOp) {
    stepOf(args, steps.length);
    return { template: builtInPrompts.get('username')!, data: {} };
  }
  const [name, data] = JSON.parse(args) as [string, Record<string, unknown> | undefined];
  const template =
    promptTemplates.find((each) => assetKey(each.name) === assetKey(name))?.template ??
    builtInPrompts.get(name) ??
    null;
  if (!template) throw new ScriptCallError(`prompt: there is no prompt template «${name.slice(0, 100)}».`);
  const fields = name === 'genericForm' ? readInputs(data?.['inputs']) : (template.fields ?? []);
  return { template: { ...template, fields }, data: readTexts(data ?? {}) };
}

/** `promptIdentifierForStep`: the page that asks who the person is, before a step. */
export const identifierOp = 'promptIdentifierForStep';

/**
 * The step that an identifier is asked for.
 * @throws ScriptCallError when the flow has none of this number
 */
export function stepOf(args: string, steps: number): number {
  const step = Number((JSON.parse(args) as unknown[])[0]);
  if (!Number.isInteger(step) || step < 1 || step > steps) {
    throw new ScriptCallError(`${identifierOp}: the flow has the steps 1 to ${steps}, and not ${step}.`);
  }
  return step;
}

/** What the script's `preHandler` said: true spares the page, false shows it to anybody; null where it was not asked. */
export function readPreHandler(args: string): boolean | null {
  const [, validators] = JSON.parse(args) as [unknown, { preHandler?: unknown } | null | undefined];
  const said = validators?.preHandler;
  return typeof said === 'boolean' ? said : null;
}

/** Values that stand for places; everything else of the data is the template's affair. */
export function readTexts(data: Record<string, unknown>): Record<string, string> {
  const texts = Object.entries(data).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  return Object.fromEntries(texts.map(([name, value]) => [name, String(value).slice(0, longestValue)]));
}

const { value: mostInputs } = promptLimits.inputs;
/** In UTF-16 code units. */
export const { value: longestValue } = promptLimits.text;

function readInputs(inputs: unknown): PromptField[] {
  const wrong = (what: string) => new ScriptCallError(`prompt: inputs of genericForm ${what}.`);
  if (!Array.isArray(inputs) || inputs.length === 0 || inputs.length > mostInputs) {
    throw wrong(`must be a list of one to ${mostInputs} {id, label}`);
  }
  const names = new Set<string>();
  return inputs.map((input: unknown) => {
    const { id, label } = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>;
    if (!isFieldName(id) || names.has(id)) {
      throw wrong(`must have ids of letters, digits, _ and -, each once, and none may be «password» or «code»`);
    }
    names.add(id);
    return { name: id, label: typeof label === 'string' && label !== '' ? label.slice(0, longestValue) : id };
  });
}

/** What an action answers: `cancel` is cancelling, whichever button it stands on. */
export function answerWith(action: string, values: Record<string, string>, at: number): PromptAnswer {
  if (action === 'cancel') {
    return { at, outcome: 'abort', params: {}, failure: { code: 'CANCELLED', params: {}, detail: null } };
  }
  const outcome = action.slice(0, 1).toUpperCase() + action.slice(1);
  const params = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value]]));
  return { at, outcome, params };
}
