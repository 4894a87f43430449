// Asks for a second factor outside of these networks (IPv4; an IPv6 address is always outside).
var office = ['192.0.2.0/24', '198.51.100.128/25'];

function toNumber(ip) {
  return ip
    .split('.')
    .map(Number)
    .reduce(function (number, part) {
      return number * 256 + part;
    });
}

function isIn(ip, network) {
  var [base, bits] = network.split('/');
  var size = Math.pow(2, 32 - bits);
  return Math.floor(toNumber(ip) / size) == Math.floor(toNumber(base) / size);
}

var onLoginRequest = function (context) {
  executeStep(1, {
    onSuccess: function (context) {
      var isAtTheOffice = office.some(function (network) {
        return isIn(context.request.ip, network);
      });
      if (!isAtTheOffice) {
        executeStep(2);
      }
    },
  });
};
