// So many browsers may have a person signed in at a time, and one for those who work at shared desks.
var usual = 3;

var onLoginRequest = function (context) {
  executeStep(1, {
    onSuccess: function (context) {
      var limit = isMemberOfAnyOfGroups(context.currentKnownSubject, ['shared-desks']) ? 1 : usual;
      var parameters = { local: { SessionExecutor: { MaxSessionCount: limit } } };
      executeStep(2, { authenticatorParams: parameters }, {});
    },
  });
};
