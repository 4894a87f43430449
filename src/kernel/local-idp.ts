/** What scripts and flows call those who sign in with us and not by a connection; no connection can have this name. */
export const localIdp = 'LOCAL';
