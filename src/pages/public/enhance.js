// Help that the pages can do without: every page works when this file never arrives.

// After an error, the summary is read first. (Browsers differ in whether `autofocus` works on what is not a field.)
document.querySelector('.summary')?.focus();

for (const button of document.querySelectorAll('button.reveal')) {
  const input = document.getElementById(button.getAttribute('aria-controls'));
  const show = (visible) => {
    input.type = visible ? 'text' : 'password';
    button.textContent = visible ? button.dataset.hide : button.dataset.show;
    button.setAttribute('aria-label', visible ? button.dataset.hideLabel : button.dataset.showLabel);
  };
  show(false);
  button.hidden = false;
  button.addEventListener('click', () => show(input.type === 'password'));
  // Browsers remember what is typed into fields of text: a password is sent as a password.
  input.form.addEventListener('submit', () => show(false));
}

// One press of a button sends one form, even if the answer is slow. The next press counts after a while (the browser may
// have been told to stop), and at once after coming back to a page that the browser kept as it was left.
const patience = 5000;
for (const form of document.forms) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent !== undefined) return event.preventDefault();
    form.dataset.sent = '';
    setTimeout(() => delete form.dataset.sent, patience);
  });
}
addEventListener('pageshow', () => {
  for (const form of document.forms) delete form.dataset.sent;
});
