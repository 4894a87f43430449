// Asks for a second factor of people whose account is in this user store.
var store = 'PRIMARY';

var onLoginRequest = function (context) {
  executeStep(1, {
    onSuccess: function (context) {
      if (context.currentKnownSubject.userStoreDomain == store) {
        executeStep(2);
      }
    },
  });
};
