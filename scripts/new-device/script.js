// Tells people by mail of a sign-in on a device that they have not used before, and asks for a second factor there.
var cookie = 'known_device';
var year = 365 * 24 * 60 * 60;

var onLoginRequest = function (context) {
  executeStep(1, {
    onSuccess: function (context) {
      var user = context.currentKnownSubject;
      if (!isKnown(context, user)) {
        // Before the factor: who has only the password is told of as well.
        sendEmail(user, 'UnseenDeviceLogin', {});
        executeStep(2, {
          onSuccess: function (context) {
            remember(context, user);
          },
        });
      }
    },
  });
};

function isKnown(context, user) {
  return getCookieValue(context.request, cookie, { decrypt: true, validateSignature: true }) === user.uniqueId;
}

function remember(context, user) {
  setCookie(context.response, cookie, user.uniqueId, { encrypt: true, sign: true, 'max-age': year });
}
