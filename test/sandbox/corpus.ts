import { type Happening, login } from './world.ts';

/** Scripts written by hand, one for each way of asking and keeping state that has ever gone wrong somewhere. */
export interface Sample {
  name: string;
  script: string;
  happens?: Happening[];
}

const google: Happening = { outcome: 'success', idp: 'Google', authenticator: 'GoogleOIDCAuthenticator' };

export const corpus: Sample[] = [
  {
    name: 'a second factor for local people only',
    script: login(`executeStep(1, {onSuccess: function (context) {
      if (context.steps[1].idp == 'LOCAL') executeStep(2);
    }});`),
  },
  {
    name: 'the same for a federated person',
    script: login(`executeStep(1, {onSuccess: function (context) {
      if (context.steps[1].idp == 'LOCAL') executeStep(2); else Log.info(context.steps[1].subject.remoteClaims.email);
    }});`),
    happens: [google],
  },
  {
    name: 'an implicit global, assigned in one callback and read in another',
    script: login(`executeStep(1, {onSuccess: function (context) {
      subject = context.currentKnownSubject;
      executeStep(2, {onSuccess: function () { Log.info(subject.username, hasRole(subject, 'admin')); }});
    }});`),
  },
  {
    name: 'closures, classes, maps, dates and cyclic objects that outlive a step',
    script: login(`
      class Counter { #n = 0; up() { return ++this.#n; } get n() { return this.#n; } }
      const counter = new Counter(), seen = new Map(), began = new Date(), ring = { counter };
      ring.ring = ring;
      executeStep(1, {onSuccess: (context) => {
        ring.ring.counter.up(); seen.set(context.steps[1].subject, new Date());
        executeStep(2, {onSuccess: (context) => {
          counter.up();
          Log.info(counter.n, seen.get(context.steps[1].subject) - began, new Date() - began, ring.ring.ring === ring);
        }});
      }});`),
  },
  {
    name: 'questions in getters, in sort and in toJSON',
    script: login(`executeStep(1, {onSuccess: (context) => {
      const user = context.currentKnownSubject;
      const asking = { get a() { return hasRole(user, 'a'); }, get b() { return hasRole(user, 'bb'); } };
      Log.info(Object.values(asking), ['ccc', 'aaa', 'bb'].sort((x, y) => hasRole(user, x + y) ? 1 : -1));
      executeStep(2, {stepOptions: {toJSON() { return {forceAuth: hasRole(user, 'json')}; }}}, {});
    }});`),
  },
  {
    name: 'a question while arguments of a question are read',
    script: login("Log.info(hasRole({toJSON() { return hasRole(null, 'in'); }}, {get length() { return 1; }}));"),
  },
  {
    name: 'reads and writes of a person in several turns',
    script: login(`executeStep(1, {onSuccess: (context) => {
      const user = context.currentKnownSubject;
      Log.info(user.localClaims.nick, user.roles);
      user.localClaims.nick = 'a' + Math.random();
      Log.info(user.localClaims.nick);
      executeStep(2, {onSuccess: () => {
        delete user.localClaims.nick;
        user.username = 'other'; user.claims.level = {n: 1};
        Log.info(JSON.stringify(user), 'nick' in user.localClaims);
      }});
    }});`),
  },
  {
    name: 'retries after wrong answers, and the person who failed',
    script: login(`var tries = 0;
      function ask() {
        executeStep(1, {onFail: (context) => {
          Log.info(context.retry, context.lastLoginFailedUser.username, ++tries);
          if (tries < 3) ask(); else fail({errorCode: 'locked'});
        }});
      }
      ask();`),
    happens: ['fail', 'fail', 'fail'],
  },
  {
    name: 'loops over calls, with chance and clock',
    script: login(`executeStep(1);
      for (let i = 0; i < 5; i++) httpGet('u' + i, {n: Math.random(), at: Date.now()}, {onSuccess: (context, data) => {
        Log.info(i, data.n, Date.now(), Math.random().toFixed(6));
      }});`),
  },
  {
    name: 'errors caught and thrown on',
    script: login(`executeStep(1, {onSuccess: () => {
      try { hasRole(null, 'x'); null.f(); } catch (e) { Log.error(e, e.stack.split('\\n').length > 0); }
      finally { executeStep(2, {onFail: () => { throw new TypeError('late'); }}); }
    }});`),
    happens: ['success', 'fail'],
  },
  {
    name: 'generators, destructuring, tagged templates, symbols, big integers, labels',
    script: login(`
      function* roles() { for (const name of ['a', 'bb']) yield hasRole(null, name); }
      const [first, ...rest] = roles(), tag = (s, ...v) => s.raw.join('|') + v;
      Log.info(first, rest, tag\`x\${1n << 70n}y\`, String(Symbol('s')), new Set([1, 1]).size);
      outer: for (const a of [1, 2]) for (const b of [1, 2]) { if (b === 2) continue outer; Log.info(a, b); }
      executeStep(1);`),
  },
  {
    name: 'promises whose work is done within the turn',
    script: login(
      `Promise.resolve(1).then((n) => { Log.info(hasRole(null, 'then' + n)); executeStep(2); }); executeStep(1);`,
    ),
  },
  {
    name: 'everything the script may set',
    script: login(`context.selectedAcr = context.requestedAcr[0]; context.endpointParams.colour = 'blue';
      context.response.headers['X-Own'] = 'yes';
      executeStep(1, {onSuccess: (context) => {
        context.currentKnownSubject.claims['urn:level'] = [1, {a: null}];
        delete context.selectedAcr; context.endpointParams.colour += '!';
        executeStep(2, {onSuccess: (context) => { context.selectedAcr = selectAcrFrom(context, ['gold', 'silver']); }});
      }});`),
  },
  {
    name: 'code at the top level, hoisting and a function in a block',
    script: `var a = hasRole(null, 'top'), b = typeof later; Log.info(a, b);
      ${login('executeStep(1, {onSuccess: later}); Log.info(RegExp.$1);')}
      /(o+)/.exec('foo'); Log.info(Date.now(), Math.random());
      function later() { { function inner() { Log.info('inner', a); } inner(); } }`,
  },
  {
    name: 'a verdict with questions and log lines after it',
    script: login(`executeStep(1, {onSuccess: (context) => {
      sendError('/stop', {why: hasRole(null, 'why')}); auditThis('no');
      Log.warn(hasRole(context.currentKnownSubject, 'after'), context.currentKnownSubject.roles);
    }});`),
  },
];
