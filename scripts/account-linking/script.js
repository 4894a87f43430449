// Links people from a connection to the account that they have here, once they have shown that it is theirs.
var address = 'http://wso2.org/claims/emailaddress';

var onLoginRequest = function (context) {
  executeStep(1, {
    onSuccess: function (context) {
      var person = context.currentKnownSubject;
      if (context.steps[1].idp !== 'LOCAL' && getAssociatedLocalUser(person) === null && hasAccount(person)) {
        askForAccount(person);
      }
    },
  });
};

function hasAccount(person) {
  var mail = person.localClaims[address];
  return mail !== undefined && getUsersWithClaimValues({ [address]: mail }).length > 0;
}

function askForAccount(person) {
  executeStep(2, {
    onSuccess: function (context) {
      if (!link(person, context)) {
        askForApp(person);
      }
    },
  });
}

// The account has an authenticator app: its password is not enough.
function askForApp(person) {
  var onlyIfSetUp = { authenticatorParams: { local: { totp: { enrolUserInAuthenticationFlow: 'false' } } } };
  executeStep(3, onlyIfSetUp, {
    onSuccess: function (context) {
      if (!link(person, context)) {
        fail({ errorCode: 'access_denied', errorMessage: 'The account could not be linked.' });
      }
    },
  });
}

function link(person, context) {
  var account = context.steps[2].subject;
  return doAssociationWithLocalUser(person, account.username, account.tenantDomain, account.userStoreDomain);
}
