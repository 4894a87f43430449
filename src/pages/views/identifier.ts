import { connectionList } from '../connection-list.ts';
import type { PageContext } from '../context.ts';
import { field, form, mainButton } from '../forms.ts';
import { type Html, html } from '../html.ts';
import { stepPage } from '../step-page.ts';
import { texts } from '../texts/index.ts';

export interface IdentifierModel {
  connections: readonly { name: string }[];
  otherWay: boolean;
}

/** The page of a step that asks who the person is; what proves it comes after. */
export function renderIdentifier(context: PageContext, { connections, otherWay }: IdentifierModel): Html {
  const { password, step } = texts[context.language];
  const name = field(context, {
    name: 'username',
    label: password.username,
    autocomplete: 'username',
    dir: 'auto',
    first: true,
  });
  return stepPage(context, {
    title: password.title,
    otherWay,
    body: html`${form(context, html`${name}${mainButton(step.continue)}`)}${connectionList(context, connections, { beside: true })}`,
  });
}
