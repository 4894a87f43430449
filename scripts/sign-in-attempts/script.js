// Gives three tries at the password, and then tells the application.
var allowed = 3;
var failed = 0;

var onLoginRequest = function (context) {
  askForPassword();
};

function askForPassword() {
  executeStep(1, {
    onFail: function (context) {
      failed++;
      if (failed < allowed) {
        askForPassword();
      } else {
        Log.warn('Too many wrong passwords.', failed);
        fail({ errorCode: 'too_many_attempts', errorMessage: 'The password was wrong too often.' });
      }
    },
  });
}
