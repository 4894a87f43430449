// Asks for a second factor of people with one of these roles.
var roles = ['admin', 'auditor'];

var onLoginRequest = function (context) {
  executeStep(1, {
    onSuccess: function (context) {
      var user = context.currentKnownSubject;
      var isTrusted = roles.some(function (role) {
        return hasRole(user, role);
      });
      if (isTrusted) {
        executeStep(2);
      }
    },
  });
};
