import fc from 'fast-check';
import type { Happening } from './world.ts';

/*
 * Random scripts. Each statement is text with holes for others; a program is `onLoginRequest` made of them, which always
 * comes to an end: loops are short, recursion is counted, and callbacks nest at most three deep.
 */

const pick = <T>(...values: T[]) => fc.constantFrom(...values);

const expression = pick(
  '1',
  "'text'",
  'count++',
  'total',
  'Math.random().toFixed(4)',
  'Date.now() - begun',
  'new Date().toISOString()',
  'context.currentStep',
  'context.retry',
  'context.requestedAcr.join()',
  'context.request.params.scope[0]',
  "context.request.headers['User-Agent']",
  'context.steps[1].idp',
  'context.steps[2].authenticator',
  'context.steps[1].options.length',
  'typeof leaked',
  'box.value',
  'JSON.stringify(context.currentKnownSubject)',
  'context.lastLoginFailedUser && context.lastLoginFailedUser.username',
  "hasRole(context.currentKnownSubject, 'r' + count)",
  "({ get it() { return hasRole(null, 'getter'); } }).it",
  "[3, 1, 2].sort((a, b) => hasRole(null, 's' + a) ? a - b : b - a).join('')",
  '[...seen.keys()].length',
  'context.selectedAcr',
  "Object.keys(context.currentKnownSubject ? context.currentKnownSubject.localClaims : {}).join('+')",
);

const onUser = (statement: string) =>
  `if (context.currentKnownSubject) { const user = context.currentKnownSubject; ${statement} }`;

const plain = (value: string) =>
  pick(
    `Log.info(${value});`,
    `leaked = ${value};`,
    `total += String(${value}).length;`,
    `box.put(${value});`,
    `seen.set(count, ${value});`,
    `context.endpointParams['k' + count % 3] = ${value};`,
    `context.response.headers['X-' + count % 2] = ${value};`,
    `context.selectedAcr = ${value};`,
    'delete context.selectedAcr;',
    onUser(`user.localClaims['c' + count % 2] = ${value};`),
    onUser(`user.claims.extra = ${value};`),
    onUser('Log.info(user.roles, user.localClaims.c0, user.username);'),
    onUser(`user.username = ${value};`),
    onUser('delete user.localClaims.c1;'),
    onUser('if (user.remoteClaims) user.remoteClaims.email = user.remoteClaims.email + 1;'),
    `auditThis(${value});`,
    `try { null.x; } catch (e) { Log.error(e.message, ${value}); }`,
    `Promise.resolve(${value}).then((v) => { Log.info('later', v); });`,
    `for (let i = 0; i < 3; i++) Log.debug(i, hasRole(null, 'loop' + i));`,
    `executeStep(1, {stepOptions: {toJSON() { return {own: String(${value})}; }}}, null);`,
  );

const rare = pick(
  'fail({errorCode: total});',
  "sendError('/e', {total});",
  "throw new Error('on purpose');",
  'executeStep(9);',
);

const outcomes = ['onSuccess', 'onFail', 'onUserAbort', 'onFallback', 'onTimeout'];

function statement(depth: number): fc.Arbitrary<string> {
  const simple = expression.chain(plain);
  if (depth === 0) return simple;
  const inner = body(depth - 1);
  const handlers = fc
    .tuple(
      fc.uniqueArray(pick(...outcomes), { maxLength: 3 }),
      fc.array(inner, { minLength: 3, maxLength: 3 }),
      pick('', 'async '),
    )
    .map(
      ([names, bodies, kind]) =>
        `{${names.map((name, i) => `${name}: ${kind}function (context, data) {\n${bodies[i]}\n}`).join(', ')}}`,
    );
  const step = fc
    .tuple(pick('1', '1', '2', '2', '3', "'1'"), handlers)
    .map(([id, given]) => `executeStep(${id}, ${given});`);
  const call = fc
    .tuple(pick('httpGet', 'prompt'), expression, handlers)
    .map(([name, value, given]) => `${name}('x', ${value}, ${given});`);
  const block = fc
    .tuple(expression, inner, inner)
    .map(([value, yes, no]) => `if (String(${value}).length % 2) {\n${yes}\n} else {\n${no}\n}`);
  const closure = inner.map((text) => `(() => { const own = count; ${text} Log.info('own', own); })();`);
  const again = pick(
    'if (rounds++ < 3) onLoginRequest(context);',
    'if (rounds++ < 3) executeStep(1, {onFail: () => executeStep(2)});',
  );
  return fc.oneof(
    { weight: 6, arbitrary: simple },
    { weight: 5, arbitrary: step },
    { weight: 2, arbitrary: call },
    { weight: 2, arbitrary: block },
    { weight: 1, arbitrary: closure },
    { weight: 1, arbitrary: again },
    { weight: 1, arbitrary: fc.oneof({ weight: 3, arbitrary: simple }, { weight: 1, arbitrary: rare }) },
  );
}

function body(depth: number): fc.Arbitrary<string> {
  return fc.array(statement(depth), { minLength: 1, maxLength: 3 }).map((all) => all.join('\n'));
}

export interface Program {
  script: string;
  happens: Happening[];
}

export const program: fc.Arbitrary<Program> = fc.record({
  script: body(3).map(
    (text) => `var count = 0, total = 0, rounds = 0, begun = Date.now(), seen = new Map();
class Box { #v = null; put(v) { this.#v = v; } get value() { return this.#v; } }
const box = new Box();
function onLoginRequest(context) {
${text}
}`,
  ),
  happens: fc.array(
    pick<Happening>(
      'success',
      'success',
      'success',
      'fail',
      'abort',
      'timeout',
      'fallback',
      'Skip',
      { outcome: 'success', idp: 'Google', authenticator: 'GoogleOIDCAuthenticator' },
      { outcome: 'success', step: 1, provisioning: { result: 'pending' } },
    ),
    { maxLength: 12 },
  ),
});
