// Asks for a second factor outside of working hours: Monday to Friday, 8 to 18 o'clock UTC.
var opens = 8;
var closes = 18;

function isWorkingTime(now) {
  var day = now.getUTCDay();
  var hour = now.getUTCHours();
  return day >= 1 && day <= 5 && hour >= opens && hour < closes;
}

var onLoginRequest = function (context) {
  executeStep(1, {
    onSuccess: function (context) {
      if (!isWorkingTime(new Date())) {
        executeStep(2);
      }
    },
  });
};
