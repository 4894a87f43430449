// Shows the factor that the person prefers, and all of them to people who prefer none of these.
var preference = 'http://wso2.org/claims/preferredMFAOption';
var factors = ['totp', 'email-otp-authenticator'];

var onLoginRequest = function (context) {
  executeStep(1, {
    onSuccess: function (context) {
      var preferred = context.currentKnownSubject.localClaims[preference];
      var offered = factors.filter(function (factor) {
        return factor == preferred || !factors.includes(preferred);
      });
      var options = offered.map(function (factor) {
        return { authenticator: factor };
      });
      executeStep(2, { authenticationOptions: options }, {});
    },
  });
};
