// Asks for a second factor only when the person signed in with a local password.
// Whoever came through another identity provider has done there what that provider asks for.
var onLoginRequest = function (context) {
  executeStep(1, {
    onSuccess: function (context) {
      if (context.steps[1].idp == 'LOCAL') {
        executeStep(2);
      }
    },
  });
};
