// A second factor, except on devices that the person has said to trust.
var cookie = 'trusted_device';
var month = 30 * 24 * 60 * 60;

var onLoginRequest = function (context) {
  executeStep(1, {
    onSuccess: function (context) {
      var user = context.currentKnownSubject;
      var trusted = getCookieValue(context.request, cookie, { decrypt: true, validateSignature: true });
      if (trusted !== user.uniqueId) {
        executeStep(2, {
          onSuccess: function (context) {
            askForTrust(user);
          },
        });
      }
    },
  });
};

function askForTrust(user) {
  prompt(
    'trust-device',
    {},
    {
      onTrust: function (context) {
        setCookie(context.response, cookie, user.uniqueId, { encrypt: true, sign: true, 'max-age': month });
      },
    },
  );
}
