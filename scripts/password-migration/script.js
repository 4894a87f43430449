// Takes the password of an old directory once: who knows it has it here from then on.
var directory = 'https://directory.example.com/check';
var migrated = 'http://wso2.org/claims/passwordMigrated';
var tries = 3;

var onLoginRequest = function () {
  signIn();
};

function signIn() {
  executeStep(1, {
    onFail: function (context) {
      var typed = context.request.params;
      var user = getUniqueUserWithClaimValues({ username: typed.username[0] }, context);
      if (user !== null && user.localClaims[migrated] !== 'true') {
        askDirectory(user, typed.password[0]);
      } else {
        refuse();
      }
    },
    // Who gives up is not looked up: a callback that does nothing ends the sign-in.
    onUserAbort: function () {},
  });
}

// The script never sees the password: what it holds is opened while the call is sent.
function askDirectory(user, password) {
  httpPost(
    directory,
    { username: user.username, password: password },
    {
      onSuccess: function (context, data) {
        if (data.valid === true) {
          migrate(user, password);
        } else {
          refuse();
        }
      },
      onFail: refuse,
    },
  );
}

// The rules for new passwords are left out: the person has had this one for years.
function migrate(user, password) {
  updateUserPassword(
    user,
    password,
    {
      onSuccess: function () {
        user.localClaims[migrated] = 'true';
        executeStep(1, { authenticatorParams: { common: { username: user.username, password: password } } }, {});
      },
      onFail: refuse,
    },
    true,
  );
}

function refuse() {
  tries = tries - 1;
  if (tries > 0) {
    signIn();
  } else {
    fail({ errorCode: 'access_denied', errorMessage: 'The password was wrong three times.' });
  }
}
