/** A person that the demo identity provider knows; `sub` is the provider's own name for them and never changes. */
export interface DemoPerson {
  sub: string;
  email: string;
  email_verified: boolean;
  given_name: string;
  family_name: string;
  name: string;
  groups: string[];
}

export const graceHopper: DemoPerson = {
  sub: 'google-1906',
  email: 'grace.hopper@example.com',
  email_verified: true,
  given_name: 'Grace',
  family_name: 'Hopper',
  name: 'Grace Hopper',
  groups: ['engineering', 'navy'],
};

export const alanTuring: DemoPerson = {
  sub: 'google-1912',
  email: 'alan.turing@example.com',
  email_verified: true,
  given_name: 'Alan',
  family_name: 'Turing',
  name: 'Alan Turing',
  groups: ['research'],
};
