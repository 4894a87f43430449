/** The one style sheet of the demo's pages: light and dark, no images, no fonts to fetch. */
export const styleSheet = `:root {
  color-scheme: light dark;
  --ground: light-dark(#f5f6f8, #14171c);
  --sheet: light-dark(#ffffff, #1d2128);
  --ink: light-dark(#1b2230, #e9ecf2);
  --faint: light-dark(#5a6475, #a6afbf);
  --rule: light-dark(#d5dae2, #363e4b);
  --accent: light-dark(#0b6b57, #6fd3b8);
  --on-accent: light-dark(#ffffff, #06251e);
  --alarm: light-dark(#a3261d, #ff9f96);
  --alarm-sheet: light-dark(#fdecea, #3d211e);
}
* { box-sizing: border-box; }
body.identity-provider { --accent: light-dark(#1f5fbf, #8fb8ff); --on-accent: light-dark(#ffffff, #0c1d3a); }
body.mails { --accent: light-dark(#8a4b00, #f0b95f); --on-accent: light-dark(#ffffff, #2e1a00); }
body { margin: 0; padding: 3rem 1rem; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 28rem; margin: 0 auto; padding: 2rem; background: var(--sheet); border: 1px solid var(--rule); border-radius: 12px; }
main.wide { max-width: 54rem; }
.brand { display: flex; align-items: center; gap: .6rem; margin: 0 0 1.25rem; font-weight: 600; }
.mark { display: grid; place-items: center; width: 2rem; height: 2rem; border-radius: 8px; background: var(--accent); color: var(--on-accent); }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; }
h2 { margin: 2rem 0 .5rem; font-size: 1.1rem; }
.faint { color: var(--faint); }
a { color: var(--accent); }
a:focus-visible, button:focus-visible, summary:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.main, button { display: block; width: 100%; margin: .75rem 0 0; padding: .75rem 1rem; border: 1px solid var(--accent); border-radius: 8px; background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer; }
button.person { text-align: start; font-weight: 400; }
button.person, button.other, .other { background: transparent; color: var(--ink); border-color: var(--rule); }
button.person:hover, button.other:hover, .other:hover { border-color: var(--accent); }
button strong, button span { display: block; }
button span { color: var(--faint); }
.row { display: flex; flex-wrap: wrap; gap: .75rem; align-items: center; margin-top: 1rem; }
.row .main, .row button { width: auto; margin: 0; }
.row form { margin: 0; }
.alarm { margin-top: 1rem; padding: .75rem 1rem; border-inline-start: 4px solid var(--alarm); border-radius: 4px; background: var(--alarm-sheet); }
.alarm p { margin: .25rem 0; }
table { width: 100%; margin-top: 1.5rem; border-collapse: collapse; font-size: .95rem; }
caption { margin-bottom: .25rem; font-weight: 600; text-align: start; }
th, td { padding: .45rem .75rem .45rem 0; border-top: 1px solid var(--rule); text-align: start; vertical-align: top; font-weight: 400; }
th { color: var(--faint); white-space: nowrap; }
th[scope=row] { width: 12rem; }
td { overflow-wrap: anywhere; }
pre { unicode-bidi: plaintext; padding: 1rem; overflow-wrap: anywhere; white-space: pre-wrap; background: var(--ground); border-radius: 8px; font: .95rem/1.5 ui-monospace, monospace; }
details { margin-top: 1.5rem; }
@media (max-width: 32rem) {
  body { padding: 0; }
  main { padding: 1.25rem; border-width: 0; border-radius: 0; }
  thead { display: none; }
  th[scope=row] { width: auto; }
  th, td { display: block; padding-inline-end: 0; white-space: normal; overflow-wrap: anywhere; }
  th + td, td + td { padding-top: 0; border-top: 0; }
}
`;
