import type { Texts } from './en.ts';

export const de: Texts = {
  layout: {
    languageName: 'Deutsch',
    languages: 'Sprache',
    problem: 'Es gibt ein Problem',
    errorPrefix: 'Fehler: ',
    description: 'Anmelden mit {brand}',
  },
  step: {
    application: 'um mit {application} fortzufahren',
    person: 'Anmeldung als {person}',
    restart: 'Nicht Sie?',
    continue: 'Weiter',
    other: 'Anderen Weg wählen',
    cancel: 'Abbrechen',
    code: 'Code',
    backTo: 'Zurück zu {application}',
  },
  password: {
    title: 'Anmelden',
    username: 'E-Mail-Adresse oder Benutzername',
    password: 'Passwort',
    show: 'Anzeigen',
    hide: 'Verbergen',
    showLabel: 'Passwort anzeigen',
    hideLabel: 'Passwort verbergen',
    submit: 'Anmelden',
    forgot: 'Passwort vergessen?',
    or: 'oder',
    connection: 'Weiter mit {connection}',
    connectionsOnly: 'Wählen Sie, wie Sie sich anmelden',
  },
  choose: {
    title: 'Wählen Sie, wie Sie sich ausweisen',
    password: 'Passwort',
    totp: 'Authenticator-App',
    totpHint: 'Den Code eingeben, den Ihre App anzeigt',
    totpHintNew: 'Jetzt auf Ihrem Telefon einrichten',
    emailOtp: 'Code per E-Mail',
    emailOtpHint: 'Wir senden einen Code an {address}',
    emailOtpHintUnknown: 'Wir senden einen Code an Ihre Adresse',
    connectionHint: 'Sie melden sich dort an und kommen hierher zurück',
  },
  totpEnrol: {
    title: 'Authenticator‑App einrichten',
    why: 'Von nun an bestätigen Sie Ihre Anmeldung mit einem Code aus einer App auf Ihrem Telefon.',
    scanTitle: 'Dieses Bild scannen',
    scan: 'Öffnen Sie Ihre Authenticator-App und fügen Sie mit der Kamera ein Konto hinzu.',
    picture: 'QR-Code mit dem Schlüssel für Ihre Authenticator-App. Der Schlüssel steht darunter auch als Text.',
    keyTitle: 'Scannen klappt nicht?',
    key: 'Tippen oder kopieren Sie diesen Schlüssel in die App:',
    openApp: 'App auf diesem Gerät öffnen',
    codeTitle: 'Den Code eingeben',
    codeHint: 'Die 6 Ziffern, die die App jetzt anzeigt.',
    submit: 'Einrichtung abschließen',
  },
  totpVerify: {
    title: 'Code aus Ihrer App eingeben',
    hint: '6 Ziffern aus Ihrer Authenticator-App. Alle 30 Sekunden kommt ein neuer Code.',
  },
  emailOtp: {
    title: 'Sehen Sie in Ihr Postfach',
    first: 'Um eine Authenticator-App einzurichten, weisen Sie sich zuerst mit einem Code per E-Mail aus.',
    sent: 'Wir haben einen 8-stelligen Code an {address} gesendet. Er gilt {lifetime}.',
    sentIfKnown:
      'Wenn es zu diesem Namen ein Konto mit bestätigter E-Mail-Adresse gibt, haben wir einen 8-stelligen Code dorthin gesendet. Er gilt {lifetime}.',
    sentAgain: 'Ein neuer Code ist unterwegs. Nur der neueste gilt.',
    resend: 'Neuen Code senden',
    nothing: 'Keine E-Mail? Sehen Sie im Spam-Ordner nach oder fordern Sie einen neuen Code an.',
  },
  profile: {
    title: 'Konto anlegen',
    lead: 'Sie kommen zum ersten Mal über {connection} hierher. Damit Sie weitermachen können, wird ein Konto für Sie angelegt.',
    known: 'Das kam von {connection} mit und wird in Ihrem Konto gespeichert:',
    username: 'Benutzername',
    named: 'Ihr Benutzername wird {username} sein.',
    usernameHint: 'Wählen Sie einen Namen, den hier niemand sonst hat.',
    create: 'Konto anlegen',
    deny: 'Nicht anlegen',
  },
  link: {
    title: 'Ist das Ihr Konto?',
    lead: 'Es gibt hier ein Konto mit {value}. Wenn es Ihres ist, bestätigen Sie das einmal. Danach kommen Sie mit {connection} hinein.',
    second: 'Das stimmt. Das Konto ist außerdem durch einen zweiten Faktor geschützt; bestätigen Sie auch diesen.',
    passwordHint: 'Das Passwort des Kontos hier.',
    submit: 'Es ist meins',
    decline: 'Das ist nicht mein Konto',
  },
  claims: {
    emailaddress: 'E-Mail',
    givenname: 'Vorname',
    lastname: 'Nachname',
    fullname: 'Name',
    middleName: 'Weiterer Vorname',
    nickname: 'Spitzname',
    preferredUsername: 'Benutzername',
    profile: 'Profilseite',
    photourl: 'Bild',
    url: 'Website',
    gender: 'Geschlecht',
    dob: 'Geburtsdatum',
    timeZone: 'Zeitzone',
    local: 'Sprache',
    mobile: 'Telefon',
    addresses: 'Adresse',
    country: 'Land',
    organization: 'Organisation',
  },
  sessions: {
    title: 'Melden Sie sich zuerst anderswo ab',
    lead: 'Sie sind in so vielen Browsern angemeldet, wie es gleichzeitig erlaubt ist ({limit}).',
    choose: 'Wählen Sie mindestens {count}, um sich dort abzumelden:',
    device: '{browser} unter {platform}',
    unknown: 'Unbekannter Browser',
    used: 'Zuletzt benutzt {ago}, von {ip}',
    submit: 'Dort abmelden und fortfahren',
    all: 'Überall sonst abmelden und fortfahren',
  },
  consent: {
    title: '{application} bittet um Ihre Erlaubnis',
    lead: 'Wenn Sie zustimmen, kann {application}:',
    allow: 'Erlauben',
    deny: 'Nicht erlauben',
    note: 'Ihr Passwort und Ihre Codes werden nie weitergegeben.',
    other: '„{scope}“ verwenden',
  },
  scopes: {
    openid: 'erfahren, wer Sie sind',
    profile: 'Ihren Namen und Ihr Profil sehen',
    email: 'Ihre E-Mail-Adresse sehen',
    phone: 'Ihre Telefonnummer sehen',
    address: 'Ihre Postanschrift sehen',
    groups: 'Ihre Gruppen sehen',
    roles: 'Ihre Rollen sehen',
    offline_access: 'diesen Zugriff auch in Ihrer Abwesenheit behalten',
  },
  error: {
    signInTitle: 'Sie sind nicht angemeldet',
    generalTitle: 'Das hat nicht geklappt',
    reference: 'Referenz',
    code: 'Code',
    help: 'Wenn Sie um Hilfe bitten, geben Sie diese Referenz an.',
  },
  stepDone: {
    title: 'Dieser Schritt ist erledigt',
    text: 'Von dieser Seite sind Sie schon weitergegangen, vielleicht in einem anderen Tab. Was Sie von hier gesendet haben, hat nichts geändert.',
    continue: 'Weiter',
  },
  wait: {
    title: 'Einen Moment',
    text: 'Wir prüfen etwas für Ihre Anmeldung. Diese Seite sieht alle zwei Sekunden von selbst wieder nach.',
    look: 'Jetzt nachsehen',
  },
  loginDone: {
    title: 'Diese Anmeldung ist abgeschlossen',
    text: '{application} hat die Antwort. Sie können diese Seite schließen. Um sich erneut anzumelden, beginnen Sie in der Anwendung.',
    textUnknown:
      'Die Anwendung hat die Antwort. Sie können diese Seite schließen. Um sich erneut anzumelden, beginnen Sie in der Anwendung.',
  },
  connectionTested: {
    passedTitle: 'Der Test ist bestanden',
    passed:
      '«{connection}» hat geantwortet, und die Antwort hält. Sie sind dadurch nirgends angemeldet. Was ankam, sagt die Admin-API.',
    failedTitle: 'Der Test ist gescheitert',
    failed:
      'Die Antwort von «{connection}» ließ sich nicht verwenden. An welcher Stelle, warum und was hilft, sagt die Admin-API.',
  },
  expired: {
    title: 'Diese Anmeldung ist abgelaufen',
    text: 'Sie war zu lange offen. Beginnen Sie in der Anwendung von vorn; nichts ging verloren.',
  },
  signedOut: {
    title: 'Sie sind abgemeldet',
    text: 'Sie können diese Seite jetzt schließen.',
  },
  logoutConfirm: {
    title: 'Möchten Sie sich abmelden?',
    text: '{application} bittet darum, Sie abzumelden.',
    textUnknown: 'Eine Anwendung bittet darum, Sie abzumelden.',
    yes: 'Abmelden',
    no: 'Angemeldet bleiben',
  },
  forgot: {
    title: 'Passwort zurücksetzen',
    lead: 'Sagen Sie uns, wer Sie sind. Wir senden einen Link an die bestätigte E-Mail-Adresse Ihres Kontos.',
    submit: 'Link senden',
    back: 'Zurück zur Anmeldung',
  },
  forgotSent: {
    title: 'Sehen Sie in Ihr Postfach',
    text: 'Wenn es ein Konto mit diesem Namen und einer bestätigten Adresse gibt, ist eine E-Mail mit einem Link unterwegs. Der Link gilt {lifetime}.',
    nothing: 'Nach einigen Minuten noch keine E-Mail? Sehen Sie im Spam-Ordner nach oder prüfen Sie Ihre Eingabe.',
  },
  reset: {
    title: 'Neues Passwort wählen',
    account: 'Für das Konto {person}',
    password: 'Neues Passwort',
    hint: 'Mindestens {minimum} Zeichen. Einige Wörter ohne Zusammenhang sind leicht zu merken und schwer zu erraten.',
    again: 'Neues Passwort noch einmal',
    submit: 'Passwort speichern',
  },
  resetDone: {
    title: 'Ihr Passwort ist geändert',
    text: 'Gehen Sie zurück zur Anwendung und melden Sie sich damit an. Sie können diese Seite schließen.',
    signIn: 'Anmelden',
  },
  resetInvalid: {
    title: 'Dieser Link gilt nicht mehr',
    again: 'Neuen Link anfordern',
  },
  time: {
    aWhile: 'einen Moment',
  },
  mails: {
    greeting: 'Guten Tag,',
    ignore: 'Wenn Sie das nicht waren, beachten Sie diese E-Mail nicht und geben Sie den Code nicht weiter.',
    codeSubject: 'Ihr Anmeldecode',
    codeLead: 'Geben Sie diesen Code ein, um mit {application} fortzufahren:',
    codeLeadUnknown: 'Geben Sie diesen Code ein, um fortzufahren:',
    codeLifetime: 'Er gilt {lifetime} und nur einmal. Wir fragen nie am Telefon oder im Chat danach.',
    resetSubject: 'Passwort zurücksetzen',
    resetLead:
      'Jemand möchte das Passwort des Kontos {person} zurücksetzen. Wenn Sie das waren, wählen Sie hier ein neues:',
    resetButton: 'Neues Passwort wählen',
    resetLifetime: 'Der Link gilt {lifetime} und nur einmal.',
    resetIgnore: 'Wenn Sie das nicht waren, beachten Sie diese E-Mail nicht: Ihr Passwort bleibt, wie es ist.',
    factorSubject: 'Ein neuer Weg, Ihre Anmeldung zu bestätigen, wurde hinzugefügt',
    factorLead: 'Dem Konto {person} wurde am {time} hinzugefügt:',
    factorNotYou:
      'Wenn Sie das nicht waren, benutzt vielleicht jemand anderes Ihr Konto. Sagen Sie sofort Ihrer Administration Bescheid.',
    totp: 'Authenticator-App',
    emailOtp: 'Code per E-Mail',
    sentBy: 'Gesendet von {brand}.',
  },
  sentences: {
    USERNAME_MISSING: 'Geben Sie Ihre E-Mail-Adresse oder Ihren Benutzernamen ein.',
    PASSWORD_MISSING: 'Geben Sie Ihr Passwort ein.',
    USERNAME_NOT_FREE: 'Diesen Benutzernamen hat schon jemand anders. Wählen Sie einen anderen.',
    ATTRIBUTE_MISSING: 'Füllen Sie das aus.',
    ATTRIBUTE_INVALID: 'Das kann nicht stimmen. Prüfen Sie Ihre Eingabe.',
    PASSWORD_TOO_LONG: 'Dieses Passwort ist zu lang. Wählen Sie ein kürzeres.',
    CODE_MISSING: 'Geben Sie den Code ein.',
    USERNAME_UNKNOWN: 'Diesen Namen kennen wir nicht. Prüfen Sie ihn und versuchen Sie es erneut.',
    INVALID_CREDENTIALS:
      'Benutzername und Passwort passen nicht zusammen. Prüfen Sie beides und versuchen Sie es erneut.',
    CODE_WRONG: 'Dieser Code stimmt nicht. Prüfen Sie ihn und versuchen Sie es erneut.',
    CODE_EXPIRED: 'Dieser Code ist zu alt. Fordern Sie einen neuen an.',
    CODE_USED: 'Dieser Code wurde schon benutzt. Warten Sie auf den nächsten und geben Sie ihn ein.',
    PASSWORD_TOO_SHORT: 'Wählen Sie ein Passwort mit mindestens {minimum} Zeichen.',
    PASSWORD_COMMON:
      'Dieses Passwort benutzen viele, darum probieren es andere zuerst. Wählen Sie ein paar Wörter, die nicht zusammengehören.',
    PASSWORDS_DIFFER: 'Die beiden Passwörter sind verschieden. Geben Sie das neue Passwort noch einmal ein.',
    RESET_INVALID: 'Der Link wurde schon benutzt oder ist zu alt. Fordern Sie einen neuen an.',
    PROMPT_SKIPPED: 'Die Anmeldung ist nicht gelungen. Beginnen Sie in der Anwendung von vorn.',
    TOO_MANY_ATTEMPTS: 'Es gab zu viele falsche Eingaben. Beginnen Sie die Anmeldung in der Anwendung von vorn.',
    TRY_LATER: 'Es gab zu viele falsche Eingaben. Warten Sie {wait} und versuchen Sie es dann erneut.',
    RESEND_TOO_OFTEN:
      'Für diese Anmeldung können wir keine weiteren Codes senden. Benutzen Sie den neuesten Code oder beginnen Sie von vorn.',
    OVERLOADED: 'Gerade melden sich zu viele Personen an. Warten Sie einen Moment und versuchen Sie es dann erneut.',
    ACCOUNT_LOCKED: 'Dieses Konto ist gesperrt. Bitten Sie Ihre Administration, es zu entsperren.',
    ACCOUNT_DISABLED: 'Dieses Konto ist deaktiviert. Wenden Sie sich an Ihre Administration.',
    ACCOUNT_REQUIRED:
      'Die Anmeldung braucht ein Konto hier: Über die Verbindung «{connection}» melden sich Personen ohne Konto an (JIT-Bereitstellung ist aus), und «{factor}» gehört zu einem Konto.',
    ACCOUNT_NOT_MADE:
      'Die Anmeldung braucht ein Konto hier: Sie haben keines, bei dieser Anmeldung wird keines angelegt, und «{factor}» gehört zu einem Konto. Wenden Sie sich an Ihre Administration.',
    NO_VERIFIED_ADDRESS:
      'Wir können Ihnen keinen Code senden, weil Ihr Konto keine bestätigte E-Mail-Adresse hat. Wenden Sie sich an Ihre Administration.',
    ENROLMENT_OFF:
      'Diese Anmeldung verlangt einen zweiten Faktor, den Sie noch nicht eingerichtet haben. Wenden Sie sich an Ihre Administration.',
    WRONG_SUBJECT:
      'Sie haben sich mit zwei verschiedenen Konten angemeldet. Beginnen Sie von vorn und benutzen Sie durchgehend dasselbe Konto.',
    AUTHENTICATOR_NOT_AVAILABLE:
      'Dieser Weg, sich anzumelden, steht hier nicht zur Verfügung. Wählen Sie einen anderen oder wenden Sie sich an Ihre Administration.',
    IDP_ERROR:
      'Der Dienst, bei dem Sie sich angemeldet haben, meldete einen Fehler. Versuchen Sie es erneut oder wählen Sie einen anderen Weg.',
    IDP_DENIED:
      'Der Dienst, bei dem Sie sich angemeldet haben, hat Sie nicht durchgelassen. Versuchen Sie es erneut oder wählen Sie einen anderen Weg.',
    IDP_UNREACHABLE:
      'Der Dienst, bei dem Sie sich anmelden, antwortet nicht. Versuchen Sie es später erneut oder wählen Sie einen anderen Weg.',
    IDP_ANSWER_INVALID:
      'Der Antwort des Dienstes, bei dem Sie sich angemeldet haben, war nicht zu trauen; wir haben sie nicht verwendet. Wenden Sie sich an Ihre Administration.',
    IDP_SIGN_IN_NOT_FRESH:
      'Diese Anwendung verlangt, dass Sie sich neu anmelden, und der gewählte Dienst hat das nicht belegt. Wählen Sie einen anderen Weg oder wenden Sie sich an Ihre Administration.',
    ENTRY_FORGOTTEN: 'Der Server wurde neu gestartet, während Sie sich angemeldet haben. Geben Sie es noch einmal ein.',
    PASSWORD_NOT_SET:
      'Ihr Passwort konnte nicht geändert werden. Versuchen Sie es später erneut oder wenden Sie sich an Ihre Administration.',
    CALL_FAILED:
      'Eine Prüfung, die für diese Anmeldung nötig ist, war nicht möglich. Versuchen Sie es später erneut oder wenden Sie sich an Ihre Administration.',
    STATE_INVALID:
      'Diese Antwort gehört zu keiner offenen Anmeldung oder wurde schon benutzt. Beginnen Sie in der Anwendung von vorn.',
    CONNECTION_DISABLED:
      'Dieser Weg, sich anzumelden, ist abgeschaltet. Wählen Sie einen anderen, falls es einen gibt, oder wenden Sie sich an Ihre Administration.',
    DOMAIN_NOT_ALLOWED:
      'Dieser Anmeldeweg ist für Personen anderer Organisationen. Wählen Sie einen anderen, oder wenden Sie sich an Ihre Administration.',
    LINK_REFUSED:
      'Vielleicht gibt es hier schon ein Konto für Sie, aber dass es Ihres ist, ließ sich nicht zeigen. Wenden Sie sich an Ihre Administration.',
    PROVISIONING_FAILED: 'Ihr Konto konnte nicht eingerichtet werden. Wenden Sie sich an Ihre Administration.',
    USERNAME_TAKEN: 'Ihr Konto konnte nicht eingerichtet werden. Wenden Sie sich an Ihre Administration.',
    USERNAME_INVALID:
      'Dieser Benutzername ist hier nicht erlaubt. Benutzen Sie Buchstaben und Ziffern oder wenden Sie sich an Ihre Administration.',
    NOT_FOUND: 'Unter dieser Adresse gibt es keine Seite.',
    LOGIN_NOT_FOUND: 'Diese Anmeldung kennen wir nicht. Beginnen Sie in der Anwendung von vorn.',
    LOGIN_EXPIRED: 'Diese Anmeldung war zu lange offen. Beginnen Sie in der Anwendung von vorn.',
    STEP_NOT_CURRENT: 'Dieser Schritt ist erledigt. Fahren Sie dort fort, wo Sie jetzt sind.',
    WRONG_BROWSER:
      'Diese Anmeldung wurde in einem anderen Browser begonnen. Fahren Sie dort fort oder beginnen Sie hier in der Anwendung von vorn.',
    CSRF_INVALID: 'Diese Seite war zu alt. Laden Sie sie neu und wiederholen Sie Ihre Eingabe.',
    CANCELLED: 'Sie haben die Anmeldung abgebrochen.',
    ACCESS_DENIED:
      'Sie können sich bei dieser Anwendung nicht anmelden. Wenden Sie sich an Ihre Administration, wenn das möglich sein sollte.',
    NO_STEP_PASSED:
      'Sie können sich bei dieser Anwendung nicht anmelden; das liegt an der Einrichtung ihrer Anmeldung. Wenden Sie sich an Ihre Administration.',
    RULE_NOT_MET:
      'Auf diesem Weg können Sie sich bei dieser Anwendung nicht anmelden: Sie verlangt mehr, als diese Anmeldung gezeigt hat. Wenden Sie sich an Ihre Administration.',
    NO_SUBJECT:
      'Sie können sich bei dieser Anwendung nicht anmelden; das liegt an der Einrichtung ihrer Anmeldung. Wenden Sie sich an Ihre Administration.',
    DENIED_BY_SCRIPT:
      'Die Regeln dieser Anwendung lassen Ihre Anmeldung jetzt nicht zu. Wenden Sie sich an Ihre Administration, wenn sie es sollten.',
    VERSION_WITHDRAWN:
      'Die Anmeldung dieser Anwendung wurde inzwischen geändert. Beginnen Sie in der Anwendung von vorn.',
    INTERACTION_REQUIRED: 'Diese Anmeldung geht nicht ohne Sie. Beginnen Sie in der Anwendung von vorn.',
    SESSIONS_TOO_MANY: 'Wählen Sie mindestens {count}, um sich dort abzumelden, oder brechen Sie ab.',
    SESSION_ENDED: 'Sie wurden inzwischen abgemeldet. Beginnen Sie in der Anwendung von vorn.',
    SCRIPT_FAILED:
      'Sie können sich nicht anmelden, weil die Anmeldung dieser Anwendung einen Fehler hat. Wenden Sie sich an Ihre Administration.',
    INVALID_REQUEST:
      'Die Anwendung hat eine Anfrage gesendet, die wir nicht annehmen. Gehen Sie zu ihr zurück und versuchen Sie es erneut.',
    REDIRECT_URI_INVALID:
      'Die Anwendung wollte, dass wir Sie an eine Adresse senden, die sie nicht registriert hat; das haben wir nicht getan.',
    CLIENT_UNKNOWN: 'Wir kennen die Anwendung nicht, die Sie hierher gesendet hat.',
    CLIENT_DISABLED: 'Diese Anwendung ist abgeschaltet.',
    STORAGE_UNAVAILABLE:
      'Wir können gerade nichts speichern; darum ist nichts geschehen. Versuchen Sie es in einigen Minuten erneut.',
    INTERNAL:
      'Bei uns ist etwas schiefgegangen. Versuchen Sie es erneut; wenn es so bleibt, wenden Sie sich an Ihre Administration.',
  },
};
