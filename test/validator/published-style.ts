import type { FlowStep } from '../../src/login/flow.ts';
import { stepsOf } from './knowledge.ts';

/** Scripts as authors write them after the documentation of Asgardeo and WSO2 Identity Server. They are ordinary. */
export interface PublishedStyle {
  name: string;
  script: string;
  steps?: FlowStep[];
}

const password = { authenticator: 'BasicAuthenticator' };
const totp = { authenticator: 'totp' };
const mail = { authenticator: 'email-otp-authenticator' };
const google = { idp: 'Google' };

const entry = (body: string) => `var onLoginRequest = function(context) {\n${body}\n};\n`;
const after = (body: string) =>
  entry(`    executeStep(1, {\n        onSuccess: function (context) {\n${body}\n        }\n    });`);

const people = `            var user = context.currentKnownSubject;`;

export const publishedStyle: readonly PublishedStyle[] = [
  {
    name: 'role based',
    script: `// Roles that are asked for a second factor
var rolesToStepUp = ['admin', 'manager'];

${after(`            var user = context.currentKnownSubject;
            var hasRole = hasAnyOfTheRoles(user, rolesToStepUp);
            if (hasRole) {
                Log.info(user.username + ' has one of the roles: ' + rolesToStepUp.toString());
                executeStep(2);
            }`)}`,
  },
  {
    name: 'role based, for the application',
    script: `var rolesToStepUp = ['approver'];\n${after(`            if (hasAnyOfTheRolesV2(context, rolesToStepUp)) { executeStep(2); }`)}`,
  },
  {
    name: 'group based',
    script: `var groupsToStepUp = ['managers', 'employees'];\n${after(`${people}
            var isMember = isMemberOfAnyOfGroups(user, groupsToStepUp);
            if (isMember) { executeStep(2); }`)}`,
  },
  {
    name: 'federated groups',
    steps: stepsOf([google], [totp]),
    script: after(`            var groups = ['staff'];
            if (isMemberOfAnyOfGroups(context.steps[1].subject, groups)) { executeStep(2); }`),
  },
  {
    name: 'age',
    script: `var ageLimit = 18;
var errorPage = '';
var errorPageParameters = { 'status': 'Unauthorized', 'statusMsg': 'You need to be over ' + ageLimit + ' years.' };
var dobClaim = 'http://wso2.org/claims/dob';
var validateDOB = function (dob) { return dob.match(/^(\\d{4})-(\\d{2})-(\\d{2})$/); };
var getAge = function (birthDate) {
    var today = new Date();
    var age = today.getFullYear() - birthDate.getFullYear();
    var m = today.getMonth() - birthDate.getMonth();
    if (m < 0 || (m === 0 && today.getDate() < birthDate.getDate())) { age--; }
    return age;
};
${after(`            var underAge = true;
            var dob = context.currentKnownSubject.localClaims[dobClaim];
            Log.debug('DOB of user ' + context.currentKnownSubject.identifier + ' is: ' + dob);
            if (dob && validateDOB(dob)) { underAge = getAge(new Date(dob)) < ageLimit; }
            if (underAge === true) { sendError(errorPage, errorPageParameters); }`)}`,
    steps: stepsOf([password]),
  },
  {
    name: 'tenant',
    script: `var tenantsToStepUp = ['foo.com', 'bar.com'];\n${after(`            if (tenantsToStepUp.indexOf(context.steps[1].subject.tenantDomain) >= 0) { executeStep(2); }`)}`,
  },
  {
    name: 'user store',
    script: `var userStoresToStepUp = ['EMPLOYEES', 'CONTRACTORS'];\n${after(`            if (userStoresToStepUp.indexOf(context.steps[1].subject.userStoreDomain) >= 0) { executeStep(2); }`)}`,
  },
  {
    name: 'IP ranges',
    script: `var corpNetwork = ['192.168.1.0/24', '10.100.0.0/16'];
var convertIpToLong = function (ip) {
    var components = ip.split('.');
    if (components) {
        var ipAddr = 0, pow = 1;
        for (var i = 3; i >= 0; i -= 1) { ipAddr += pow * parseInt(components[i]); pow *= 256; }
        return ipAddr;
    } else { return -1; }
};
var isCorporateIP = function (ip, subnets) {
    var subnetLength = subnets.length;
    for (var i = 0; i < subnetLength; i++) {
        var subnetComponents = subnets[i].split('/');
        var minHost = convertIpToLong(subnetComponents[0]);
        var ipAddr = convertIpToLong(ip);
        var mask = subnetComponents[1];
        if (subnetComponents && minHost >= 0) {
            if (ipAddr >= minHost && ipAddr <= minHost + Math.pow(2, 32 - mask) - 1) { return true; }
        }
    }
    return false;
};
${after(`            var loginIp = context.request.ip;
            Log.info('User: ' + context.currentKnownSubject.username + ' logged in from IP: ' + loginIp);
            if (!isCorporateIP(loginIp, corpNetwork)) { executeStep(2); }`)}`,
  },
  {
    name: 'ACR',
    steps: stepsOf([password], [totp], [mail]),
    script: `var supportedAcrValues = ['acr1', 'acr2', 'acr3'];
${entry(`    context.selectedAcr = selectAcrFrom(context, supportedAcrValues);
    Log.info('--------------- ACR selected: ' + context.selectedAcr);
    switch (context.selectedAcr) {
        case supportedAcrValues[0]: executeStep(1); break;
        case supportedAcrValues[1]: executeStep(1); executeStep(2); break;
        case supportedAcrValues[2]: executeStep(1); executeStep(3); break;
        default: executeStep(1); executeStep(2); executeStep(3);
    }`)}`,
  },
  {
    name: 'new device',
    script: `var cookieName = 'deviceAuth';
var sendNotification = true, stepUpAuthentication = true;
var emailTemplate = 'UnseenDeviceLogin';
var deviceRememberPeriod = 60 * 60 * 24 * 365 * 2;
${after(`            subject = context.currentKnownSubject;
            if (!validateCookie(context, subject)) {
                Log.debug('New device login for ' + subject.identifier);
                if (sendNotification === true) {
                    var templatePlaceholders = { 'username': subject.identifier, 'login-time': new Date().toUTCString() };
                    sendEmail(subject, emailTemplate, templatePlaceholders);
                }
                if (stepUpAuthentication === true) {
                    executeStep(2, { onSuccess: function (context) { setCookieForUser(context, subject); } });
                }
            }`)}
var validateCookie = function (context, subject) {
    var cookieVal = getCookieValue(context.request, cookieName, { 'decrypt': true, 'validateSignature': true });
    return subject.identifier === cookieVal;
};
var setCookieForUser = function (context, subject) {
    setCookie(context.response, cookieName, subject.identifier, { 'sign': true, 'encrypt': true, 'max-age': deviceRememberPeriod });
};`,
  },
  {
    name: 'sessions limit',
    script: `var MAX_SESSION_COUNT = 1;
${after(`${people}
            var sessions = getUserSessions(user);
            Log.info(sessions);
            if (sessions.length > MAX_SESSION_COUNT) { executeStep(2); }`)}`,
  },
  {
    name: 'ending other sessions',
    steps: stepsOf([password]),
    script: after(`${people}
            var sessions = getUserSessions(user);
            for (var key in sessions) { terminateUserSession(user, sessions[key].id); }`),
  },
  {
    name: 'risk by an endpoint',
    script: after(`            var requestPayload = { ip: context.request.ip, country: 'us' };
            var choreoApi = { 'url': 'https://risk.example.com/assess', 'apiKeyAlias': 'key' };
            callChoreo(choreoApi, requestPayload, {
                onSuccess: function (context, data) {
                    Log.info('Successfully called the API.');
                    if (data.hasRisk === true) { executeStep(2); }
                },
                onFail: function (context) { Log.info('Error occurred.'); executeStep(2); },
                onTimeout: function (context, data) { executeStep(2); }
            });`),
  },
  {
    name: 'risk by httpGet',
    script: after(`            httpGet('https://risk.example.com/score', { 'Accept': 'application/json' }, {
                onSuccess: function (context, data) { if (data.score > 3) { executeStep(2); } },
                onFail: function (context) { executeStep(2); }
            });`),
  },
  {
    name: 'risk by httpPost with a token',
    script: after(`            var authConfig = { type: 'bearer', properties: { token: 'x' } };
            httpPost('https://risk.example.com/score', { user: context.currentKnownSubject.username }, { 'Accept': 'application/json' }, authConfig, {
                onSuccess: function (context, data) { if (data.score > 3) { executeStep(2); } },
                onFail: function (context, data) { fail({ 'errorCode': 'risk', 'errorMessage': 'Try again later.' }); }
            });`),
  },
  {
    name: 'skip MFA for federated users',
    steps: stepsOf([password, google], [totp]),
    script: after(`            var idpName = context.steps[1].idp;
            if (idpName != 'LOCAL') { Log.info('Federated: ' + idpName); } else { executeStep(2); }`),
  },
  {
    name: 'sign-in attempts',
    script: `var invalidAttemptsToStepup = 3;
var failedLoginAttemptsBeforeSuccessClaim = 'http://wso2.org/claims/identity/failedLoginAttemptsBeforeSuccess';
${after(`            if (isExceedInvalidAttempts(context)) { executeStep(2); }`)}
function isExceedInvalidAttempts(context) {
    var user = context.steps[1].subject;
    var failedLoginAttemptsBeforeSuccess = user.localClaims[failedLoginAttemptsBeforeSuccessClaim];
    return failedLoginAttemptsBeforeSuccess >= invalidAttemptsToStepup;
}`,
  },
  {
    name: 'a prompt',
    script:
      after(`            prompt('genericForm', { 'username': context.currentKnownSubject.username, 'inputs': [{ 'id': 'fname', 'label': 'First Name' }, { 'id': 'lname', 'label': 'Last Name' }] }, {
                onSuccess: function (context) {
                    var fname = context.request.params.fname[0];
                    Log.info('Name: ' + fname);
                    executeStep(2);
                }
            });`),
  },
  {
    name: 'user consent by a prompt with actions',
    script: after(`            showPrompt('terms', { version: 3 }, {
                onAccept: function (context) { context.currentKnownSubject.localClaims['http://wso2.org/claims/terms'] = '3'; executeStep(2); },
                onDecline: function (context) { sendError(null, { reason: 'terms' }); }
            });`),
  },
  {
    name: 'authenticator by group',
    script: entry(`    executeStep(1, {
        onSuccess: function (context) {
            var isMobile = isMemberOfAnyOfGroups(context.currentKnownSubject, ['mobile']);
            if (isMobile) {
                executeStep(2, { authenticationOptions: [{ authenticator: 'totp' }] }, { onSuccess: function (context) {}, onFail: function (context) { executeStep(1); } });
            } else {
                executeStep(2, { authenticationOptions: { '0': { authenticator: 'email-otp-authenticator' } } }, {});
            }
        }
    });`),
  },
  {
    name: 'filtering the options of a step',
    steps: stepsOf([password, google], [totp]),
    script: entry(`    var options = context.steps[1].options;
    var filtered = filterAuthenticators(options, 'Google');
    executeStep(1, { authenticationOptions: filtered }, { onSuccess: function (context) { executeStep(2); } });`),
  },
  {
    name: 'filtering the options of a step, as older servers take it',
    steps: stepsOf([password, google], [totp]),
    script: entry(`    executeStep(1, { onFail: function (context) {
        var left = filterAuthenticators(context.tenantDomain, context.steps[1].options, 'Google');
        executeStep(1, { authenticationOptions: left }, { onSuccess: function (context) { executeStep(2); } });
    } });`),
  },
  {
    name: 'parameters for authenticators',
    script: entry(`    executeStep(1, {
        authenticatorParams: { common: { 'enableRetryFromAuthenticator': 'true' }, local: { BasicAuthenticator: { 'username': 'ann' } } },
        stepOptions: { forceAuth: 'true', markAsSubjectIdentifierStep: true }
    }, { onSuccess: function (context) { executeStep(2, { authenticatorParams: { local: { totp: { enrolUserInAuthenticationFlow: false } } } }, {}); } });`),
  },
  {
    name: 'password migration',
    steps: stepsOf([password]),
    script: entry(`    executeStep(1, {
        onFail: function (context) {
            if (context.lastLoginFailedUser) {
                var password = context.request.params.password[0];
                httpPost('https://legacy.example.com/login', { username: context.lastLoginFailedUser.username, password: password }, {
                    onSuccess: function (context, data) {
                        updateUserPassword(context.lastLoginFailedUser, password, { onSuccess: function (context) { executeStep(1); }, onFail: function (context) { fail(); } });
                    },
                    onFail: function (context) { fail(); }
                });
            } else { executeStep(1); }
        }
    });`),
  },
  {
    name: 'linking accounts',
    steps: stepsOf([google], [password]),
    script: entry(`    executeStep(1, {
        onSuccess: function (context) {
            var idpName = context.steps[1].idp;
            var fedUser = context.currentKnownSubject;
            var associatedUser = getAssociatedLocalUser(fedUser);
            if (associatedUser == null) {
                var claimMap = {};
                claimMap['http://wso2.org/claims/emailaddress'] = fedUser.remoteClaims['email'];
                var mappedUsername = getUniqueUserWithClaimValues(claimMap, context);
                if (mappedUsername != null) {
                    Log.info('Mapping ' + idpName);
                    doAssociationWithLocalUser(fedUser, mappedUsername.username, mappedUsername.tenantDomain, mappedUsername.userStoreDomain);
                } else { executeStep(2); }
            }
        }
    });`),
  },
  {
    name: 'users that share a claim',
    steps: stepsOf([password]),
    script:
      after(`            var users = getUsersWithClaimValues({ 'http://wso2.org/claims/mobile': context.currentKnownSubject.localClaims['http://wso2.org/claims/mobile'] }, context);
            for (var i = 0; i < users.length; i++) { Log.info(users[i].username); }
            if (users.length > 1) { fail({ errorCode: 'shared', errorMessage: 'The number is not unique.' }); }`),
  },
  {
    name: 'giving a role',
    steps: stepsOf([password, google]),
    script: `var rolesToAssign = ['manager'];\n${after(`            var assigned = assignUserRoles(context.steps[1].subject, rolesToAssign);
            if (assigned) { Log.info('Roles given: ' + rolesToAssign); }`)}`,
  },
  {
    name: 'implicit globals',
    script: `${after(`            subject = context.currentKnownSubject;
            attempts = 0;
            again(context);`)}
function again(context) {
    attempts++;
    executeStep(2, { onFail: function (context) { if (attempts < 3) { again(context); } else { fail(); } }, onSuccess: function () { Log.info(subject.username); } });
}`,
  },
  {
    name: 'a function declaration, ES2015 and later',
    script: `const officeHours = { from: 8, to: 18 };
class Clock { static now() { const { from, to } = officeHours; const hour = new Date().getHours(); return hour >= from && hour < to; } }
function onLoginRequest(context) {
  executeStep(1, {
    onSuccess: (context) => {
      const { username = 'nobody' } = context.currentKnownSubject ?? {};
      if (!Clock.now()) executeStep(2, { onSuccess: () => Log.info(\`\${username} outside office hours\`) });
    },
  });
}`,
  },
  {
    name: 'a way back to the application',
    steps: stepsOf([password]),
    script: entry(`    executeStep(1, {
        onSuccess: function (context) {},
        onFail: function (context) { sendError('https://app.example.com/error', { 'status': 'Failed', 'statusMsg': 'Sign-in failed' }); },
        onUserAbort: function (context) { fail({ errorCode: 'access_denied', errorMessage: 'Cancelled', errorURI: 'https://app.example.com/help' }); }
    });`),
  },
  {
    name: 'request and endpoint parameters',
    script: entry(`    var hint = context.request.params.login_hint ? context.request.params.login_hint[0] : null;
    context.endpointParams['hint'] = hint || '';
    context.response.headers['X-Sign-In'] = 'yes';
    var agent = context.request.headers['User-Agent'];
    executeStep(1, { onSuccess: function (context) { if (agent && agent.indexOf('Mobile') >= 0) { executeStep(2); } } });`),
  },
  {
    name: 'claims for this sign-in',
    steps: stepsOf([password, google]),
    script: after(`            var user = context.currentKnownSubject;
            user.claims['http://wso2.org/claims/department'] = user.localClaims['http://wso2.org/claims/department'] || 'none';
            delete user.claims.unused;
            Log.info(JSON.stringify(user));`),
  },
  {
    name: 'libraries and secrets',
    script: `var util = require('common.js');
${after(`            var key = secrets.riskKey;
            if (util.isRisky(context, key, getSecretByName('other'))) { executeStep(2); }`)}`,
  },
];
