// Lets in only people who are old enough, by the birth date in their account.
var adultAt = 18;
var birthDate = 'http://wso2.org/claims/dob';

function ageOf(date) {
  var today = new Date();
  var age = today.getFullYear() - date.getFullYear();
  var birthday = new Date(today.getFullYear(), date.getMonth(), date.getDate());
  return today < birthday ? age - 1 : age;
}

var onLoginRequest = function (context) {
  executeStep(1, {
    onSuccess: function (context) {
      var date = new Date(context.currentKnownSubject.localClaims[birthDate]);
      // Without a birth date the age is NaN, which is not old enough either.
      if (!(ageOf(date) >= adultAt)) {
        sendError();
      }
    },
  });
};
