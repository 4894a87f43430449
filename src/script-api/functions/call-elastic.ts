import { type CallAnswer, defineFunction, type FunctionLimits } from '../definition.ts';
import { callIntegration } from '../http/integration.ts';
import { callLimits } from '../http/limits.ts';
import type { Outside } from '../outside.ts';
import { ScriptCallError } from '../read-arguments.ts';

type Params = Record<string, string>;

const elasticLimits = {
  ...callLimits,
  digits: {
    value: 9,
    unit: 'digits',
    summary: 'Of `duration`, and of `threshold` before and behind its point; more is a wrong call.',
  },
} as const satisfies FunctionLimits;

const digits = `\\d{1,${elasticLimits.digits.value}}`;
const durationForm = new RegExp(`^${digits}(ms|[smhdwMy])$`);
const thresholdForm = new RegExp(`^-?${digits}(\\.${digits})?$`);

export const callElastic = defineFunction({
  name: 'callElastic',
  group: 'integrations',
  summary:
    'Asks the Elasticsearch server that STEPGATE_ELASTIC_URL names for a risk: it adds up what a person did lately, and compares the sum with a threshold. Handlers as those of httpPost.',
  parameters: [
    {
      name: 'params',
      type: 'texts by name',
      summary:
        "`username`; and, when they are not these, `index` (transaction), `duration` (5m), `threshold` (10000) and `riskLogic`, a Painless script that adds to `state.sum` for each document (`state.sum.add(doc['amount'].value);`).",
    },
  ],
  result: {
    typescript: 'void',
    summary: 'Nothing: onSuccess gets `{risk_score: 1}` above the threshold, else `{risk_score: 0}`.',
  },
  limits: elasticLimits,
  effect: 'asks',
  handlers: 'always',
  domain: { open: [] },
  example: `var onLoginRequest = function (context) {
  executeStep(1, { onSuccess: function (context) {
    callElastic({ username: context.currentKnownSubject.username, duration: '10m' }, {
      onSuccess: function (context, data) { if (!(data.risk_score < 1)) { executeStep(2); } },
      onFail: function (context) { executeStep(2); }
    });
  } });
};`,
  check(params: Params) {
    writeSearch(params);
  },
  async run(outside: Outside, params: Params) {
    return readScore(await callIntegration(outside, 'elastic', writeSearch(params)));
  },
});

/** A search that returns no documents, only what an aggregation makes of them. */
function writeSearch({
  username = '',
  index = 'transaction',
  duration = '5m',
  threshold = '10000',
  riskLogic = "state.sum.add(doc['amount'].value);",
}: Params): { path: string; body: unknown } {
  if (username === '') throw wrong('username', 'a text', username);
  if (!durationForm.test(duration)) throw wrong('duration', 'a time such as 5m', duration);
  if (!thresholdForm.test(threshold)) throw wrong('threshold', 'a number', threshold);
  return {
    path: `${encodeURIComponent(index)}/_search?size=0`,
    body: {
      query: {
        bool: {
          filter: [{ term: { 'username.keyword': username } }, { range: { '@timestamp': { gte: `now-${duration}` } } }],
        },
      },
      aggs: {
        risk_score: {
          scripted_metric: {
            init_script: 'state.sum = [];',
            map_script: riskLogic,
            combine_script: 'double sum = 0; for (each in state.sum) { sum += each } return sum',
            reduce_script: `double sum = 0; for (each in states) { sum += each } return sum > ${threshold} ? 1 : 0`,
          },
        },
      },
    },
  };
}

function readScore(answer: CallAnswer): CallAnswer {
  if (answer.outcome !== 'success') return answer;
  const { aggregations } = (answer.data ?? {}) as { aggregations?: { risk_score?: { value?: unknown } } };
  const score = aggregations?.risk_score?.value;
  if (typeof score === 'number') return { outcome: 'success', data: { risk_score: score } };
  const detail = 'The answer of STEPGATE_ELASTIC_URL has no number at aggregations.risk_score.value.';
  return { outcome: 'fail', data: {}, failure: { code: 'CALL_FAILED', params: {}, detail } };
}

function wrong(field: string, expected: string, found: string): ScriptCallError {
  const shown = found === '' ? 'nothing' : JSON.stringify(found.slice(0, 80));
  return new ScriptCallError(`callElastic: params.${field} must be ${expected}, and ${shown} was given.`);
}
