// Nobody is in without having accepted the newest terms. Which version that was stands in their account.
var accepted = 'http://wso2.org/claims/acceptedTerms';
var newest = '7';

var onLoginRequest = function (context) {
  executeStep(1, {
    onSuccess: function (context) {
      var user = context.currentKnownSubject;
      if (user.localClaims[accepted] !== newest) {
        askToAccept(user);
      }
    },
  });
};

function askToAccept(user) {
  prompt(
    'terms',
    { version: newest },
    {
      onAccept: function () {
        user.localClaims[accepted] = newest;
      },
      onDecline: function () {
        fail({ errorCode: 'access_denied', errorMessage: 'The terms were declined.' });
      },
    },
  );
}
