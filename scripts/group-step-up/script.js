// Asks for a second factor of people in these groups.
var groups = ['finance', 'board'];

var onLoginRequest = function (context) {
  executeStep(1, {
    onSuccess: function (context) {
      if (isMemberOfAnyOfGroups(context.currentKnownSubject, groups)) {
        executeStep(2);
      }
    },
  });
};
