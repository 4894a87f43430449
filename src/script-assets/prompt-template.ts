import { type Static, Type } from 'typebox';
import { closed, Wording } from './wording.ts';

/*
 * A prompt template says what a page has, and our own page shows it: it holds texts and names, and no markup or code. A
 * text may have places such as `{name}`, which the script's data fill.
 */

const fieldName = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const FieldName = Type.String({
  pattern: fieldName.source,
  description: 'What scripts read in `context.request.params`.',
});

const PromptField = Type.Object(
  {
    name: FieldName,
    label: Wording,
    type: Type.Optional(Type.Enum(['text', 'email', 'tel', 'number', 'date'], { description: 'Default: text.' })),
    required: Type.Optional(Type.Boolean({ description: 'Must it be filled in? Default: false.' })),
    hint: Type.Optional(Wording),
  },
  closed,
);
export type PromptField = Static<typeof PromptField>;

const PromptButton = Type.Object(
  {
    name: Type.String({
      pattern: '^action\\.[a-z][A-Za-z0-9]{0,39}$',
      description: '`action.accept` calls the callback `onAccept`, or else `onSuccess`.',
    }),
    label: Wording,
  },
  closed,
);

export const PromptTemplate = Type.Object(
  {
    title: Wording,
    text: Type.Optional(Type.Array(Wording, { maxItems: 20, description: 'Paragraphs.' })),
    fields: Type.Optional(Type.Array(PromptField, { maxItems: 20 })),
    buttons: Type.Optional(
      Type.Array(PromptButton, {
        minItems: 1,
        maxItems: 5,
        description: 'Only the first asks for the required fields. Without any: «Continue».',
      }),
    ),
  },
  { ...closed, title: 'PromptTemplate' },
);
export type PromptTemplate = Static<typeof PromptTemplate>;

/** A template as it was when the flow was published. */
export interface PinnedTemplate {
  name: string;
  version: number;
  template: PromptTemplate;
}

/** Names that the page itself uses, and those of secrets, which a script never reads as text. */
const reservedFields = new Set(['action', 'actions', 'csrf', 'option', 'password', 'code', 'summary-title']);

/** Can a field of a prompt have this name? */
export function isFieldName(name: unknown): name is string {
  return typeof name === 'string' && fieldName.test(name) && !reservedFields.has(name);
}

/** What the schema cannot say: places with a sentence each. @returns `path` as a JSON pointer */
export function findTemplateFaults({ fields = [], buttons = [] }: PromptTemplate): { path: string; message: string }[] {
  const all = [
    ...fields.map(({ name }, i) => ({ name, path: `/fields/${i}/name` })),
    ...buttons.map(({ name }, i) => ({ name, path: `/buttons/${i}/name` })),
  ];
  return all.flatMap(({ name, path }, i) => {
    if (all.findIndex((each) => each.name === name) < i) return [{ path, message: `«${name}» is there twice.` }];
    const isField = path.startsWith('/fields');
    return isField && !isFieldName(name) ? [{ path, message: `«${name}» cannot be the name of a field.` }] : [];
  });
}

const next = { en: 'Continue', de: 'Weiter', ar: 'متابعة' };

/** The prompts that every server has. `genericForm` gets its fields from the data of the call. */
export const builtInPrompts: ReadonlyMap<string, PromptTemplate> = new Map([
  [
    'genericForm',
    {
      title: { en: 'A few questions', de: 'Ein paar Fragen', ar: 'بعض الأسئلة' },
      buttons: [{ name: 'action.success', label: next }],
    },
  ],
  [
    'username',
    {
      title: { en: 'Who are you?', de: 'Wer sind Sie?', ar: 'من أنت؟' },
      fields: [
        { name: 'username', label: { en: 'User name', de: 'Benutzername', ar: 'اسم المستخدم' }, required: true },
      ],
      buttons: [{ name: 'action.success', label: next }],
    },
  ],
  [
    'internalWait',
    {
      title: { en: 'One moment', de: 'Einen Moment', ar: 'لحظة من فضلك' },
      text: [
        {
          en: 'Your sign-in goes on when you continue.',
          de: 'Ihre Anmeldung geht weiter, sobald Sie fortfahren.',
          ar: 'يستمر تسجيل دخولك عند المتابعة.',
        },
      ],
      buttons: [{ name: 'action.success', label: next }],
    },
  ],
]);
