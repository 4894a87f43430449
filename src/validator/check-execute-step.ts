import type { AnyNode } from 'acorn';
import { outcomes, stepOptions } from '../../sandbox/protocol.ts';
import { checkAuthenticationOptions } from './check-authentication-options.ts';
import { checkAuthenticatorParams } from './check-authenticator-params.ts';
import { findClosest } from './closest-name.ts';
import {
  type ExecuteStepCall,
  isHandlerName,
  isOptionName,
  looksLikeOptions,
  optionNames,
  readExecuteStep,
} from './execute-step.ts';
import { createFinding, type Finding } from './finding.ts';
import type { Knowledge } from './knowledge.ts';
import type { OfferedOption } from './offered.ts';
import { spanOf } from './parse-script.ts';
import { isFunction, readConstant, readProperties, resolve, type ScriptIndex } from './script-index.ts';

/** What a step can answer with, and so which callbacks can be called. */
const handlerNames = [
  ...new Set(['success', 'fail', 'abort', 'fallback'].flatMap((outcome) => outcomes[outcome]?.handlers ?? [])),
];

/** Every call of executeStep: step, options and callbacks. */
export function checkExecuteSteps(
  index: ScriptIndex,
  offered: readonly OfferedOption[][],
  knowledge: Knowledge,
  libraries: readonly ScriptIndex[],
): Finding[] {
  const calls = index.calls
    .filter(({ name }) => name === 'executeStep')
    .map(({ node }) => readExecuteStep(node, index));
  return [
    ...calls.flatMap((call) => [
      ...checkStep(call, offered),
      ...checkOptions(call, index, offered, knowledge),
      ...checkHandlers(call, index),
    ]),
    ...(libraries.some(runsSteps) ? [] : checkUnreachable(calls, index, offered)),
  ];
}

/** May a library run steps of its own accord? */
export function runsSteps({ reads }: ScriptIndex): boolean {
  return reads.has('executeStep');
}

function checkStep({ node, step }: ExecuteStepCall, offered: readonly OfferedOption[][]): Finding[] {
  const [id] = node.arguments;
  if (!id || step === 'unreadable' || (step !== null && step >= 1 && step <= offered.length)) return [];
  const has = offered.length === 1 ? 'one step' : `${offered.length} steps`;
  return [
    createFinding('UNKNOWN_STEP', step === null ? 'This is no step number.' : `The flow has no step ${step}.`, {
      span: spanOf(id),
      mend: `The flow has ${has}, counted from 1: name one of them, or add the step to the flow.`,
    }),
  ];
}

function checkOptions(
  { node, step, options }: ExecuteStepCall,
  index: ScriptIndex,
  offered: readonly OfferedOption[][],
  knowledge: Knowledge,
): Finding[] {
  if (!options) return [];
  const findings: Finding[] = [];
  if (node.arguments.length === 2) {
    findings.push(
      createFinding(
        'OPTIONS_AS_CALLBACKS',
        'These are options, where executeStep expects callbacks as its last argument.',
        {
          span: spanOf(options),
          mend: 'They are taken as options. Elsewhere they are ignored: write executeStep(step, options, {}).',
        },
      ),
    );
  }
  const read = readProperties(options, index);
  if (!read) return [...findings, ...checkIsObject(options, index, 'options')];
  const own = read.properties.get('stepOptions');
  const flags = own && readProperties(own.value, index)?.properties;
  for (const [name, { key }] of flags ?? []) findings.push(...checkOptionName(name, key, stepOptions));
  for (const [name, { key }] of read.properties) {
    if (!isHandlerName(name)) {
      findings.push(...checkOptionName(name, key, optionNames));
      continue;
    }
    findings.push(
      createFinding('CALLBACKS_AS_OPTIONS', `«${name}» stands among the options, where it is never called.`, {
        span: spanOf(key),
        mend: 'Write callbacks into the last argument: executeStep(step, options, callbacks).',
      }),
    );
  }
  const params = read.properties.get('authenticatorParams');
  if (params) findings.push(...checkAuthenticatorParams(params.value, index, knowledge));
  const filter = read.properties.get('authenticationOptions');
  if (filter) {
    const step1 = typeof step === 'number' ? step : null;
    findings.push(...checkAuthenticationOptions(filter.value, { step: step1, index, offered, knowledge }));
  }
  return findings;
}

function checkOptionName(name: string, key: AnyNode, known: Readonly<Record<string, unknown>>): Finding[] {
  if (Object.hasOwn(known, name)) return [];
  const names = Object.keys(known);
  const mend = `Options here are ${names.join(', ')}. Did you mean ${findClosest(name, names) ?? names[0]}?`;
  return [createFinding('OPTION_WITHOUT_EFFECT', `The option «${name}» has no effect.`, { span: spanOf(key), mend })];
}

function checkHandlers({ node, handlers }: ExecuteStepCall, index: ScriptIndex): Finding[] {
  if (!handlers) return [];
  const read = readProperties(handlers, index);
  if (!read) return checkIsObject(handlers, index, 'callbacks');
  if (node.arguments.length === 3 && looksLikeOptions(handlers, index)) {
    return [
      createFinding('OPTIONS_AS_CALLBACKS', 'These are options, and they stand where executeStep expects callbacks.', {
        span: spanOf(handlers),
        mend: 'They are ignored. Write them into the second argument: executeStep(step, options, callbacks).',
      }),
    ];
  }
  return [...read.properties].flatMap(([name, { key }]) => {
    if (handlerNames.includes(name)) return [];
    if (isOptionName(name)) {
      return createFinding('OPTIONS_AS_CALLBACKS', `«${name}» stands among the callbacks, where it is ignored.`, {
        span: spanOf(key),
        mend: 'Write options into an argument of their own: executeStep(step, options, callbacks).',
      });
    }
    return createFinding('CALLBACK_NEVER_FIRES', `A step never calls «${name}».`, {
      span: spanOf(key),
      mend: `A step calls ${handlerNames.join(', ')}. Did you mean ${findClosest(name, handlerNames) ?? handlerNames[0]}?`,
    });
  });
}

function checkIsObject(node: AnyNode, index: ScriptIndex, expected: string): Finding[] {
  const found = resolve(node, index);
  const value = readConstant(found, index);
  if (value === null || (!isFunction(found) && found.type !== 'ArrayExpression' && value === undefined)) return [];
  return [
    createFinding('ARGUMENT_SHAPE', `executeStep takes its ${expected} as an object.`, {
      span: spanOf(node),
      mend: 'Write executeStep(step, { onSuccess: function (context) { … } }).',
    }),
  ];
}

/** A step that no call names, where all calls can be read. */
function checkUnreachable(
  calls: readonly ExecuteStepCall[],
  index: ScriptIndex,
  offered: readonly OfferedOption[][],
): Finding[] {
  const named = new Set(calls.map(({ step }) => step));
  const passedOn = (index.reads.get('executeStep') ?? 0) > calls.length || index.bound.has('executeStep');
  if (named.has('unreadable') || passedOn) return [];
  return offered.flatMap((_, i) =>
    named.has(i + 1)
      ? []
      : createFinding('UNREACHABLE_STEP', `The script never runs step ${i + 1}.`, {
          path: `/steps/${i}`,
          mend: `Call executeStep(${i + 1}) where the step is wanted, or take it out of the flow.`,
        }),
  );
}
