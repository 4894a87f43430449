// Asks a service how risky the sign-in is, and asks for a second factor unless the answer is that it is not.
var service = 'https://risk.example.com/assess';
var acceptable = 3;

var onLoginRequest = function (context) {
  executeStep(1, {
    onSuccess: function (context) {
      var facts = { user: context.currentKnownSubject.username, ip: context.request.ip };
      httpPost(service, facts, {
        onSuccess: function (context, data) {
          // Without a number in the answer this is not true either.
          if (!(data.risk < acceptable)) {
            executeStep(2);
          }
        },
        // No answer, or a late one: as if the risk were high.
        onFail: function (context) {
          executeStep(2);
        },
      });
    },
  });
};
