// Gives the application the level that it asks for (acr_values), and asks for a second factor where that level needs one.
var onePass = 'urn:stepgate:1fa';
var twoPasses = 'urn:stepgate:2fa';

var onLoginRequest = function (context) {
  // Null when the application asks for neither: then one factor is enough.
  var wanted = selectAcrFrom(context, [twoPasses, onePass]);
  executeStep(1, {
    onSuccess: function (context) {
      context.selectedAcr = onePass;
      if (wanted == twoPasses) {
        executeStep(2, {
          onSuccess: function (context) {
            context.selectedAcr = twoPasses;
          },
        });
      }
    },
  });
};
