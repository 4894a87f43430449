/** Counts its own callbacks: in a closure, in the log, in a claim of the sign-in; and finished ones in the account. */
export const countingScript = `
var visits = 'http://wso2.org/claims/visits';
var onLoginRequest = function (context) {
  var turns = 0;
  var count = function (user) {
    turns += 1;
    Log.info('turn ' + turns);
    user.claims.turns = turns;
  };
  var finish = function (user) {
    user.localClaims[visits] = String(Number(user.localClaims[visits] || 0) + 1);
  };
  var askCode = function (user) {
    executeStep(2, {
      authenticatorParams: { local: { 'email-otp-authenticator': { enableRetryFromAuthenticator: 'true' } } },
    }, {
      onSuccess: function () {
        count(user);
        finish(user);
      },
      onFail: function () {
        count(user);
        askCode(user);
      },
    });
  };
  executeStep(1, {
    onSuccess: function (context) {
      var user = context.steps[1].subject;
      count(user);
      if (context.steps[1].idp == 'LOCAL') askCode(user);
      else if (context.steps[1].idp != 'Partner') finish(user);
    },
  });
};
`;
