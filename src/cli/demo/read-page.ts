import { parse, type DefaultTreeAdapterTypes as Tree } from 'parse5';

export interface Field {
  name: string;
  /** `text`, `hidden`, `checkbox`, …; `select` and `textarea` for those elements. */
  type: string;
  /** What would be sent if nobody touched the form; null for a box that is not ticked. */
  value: string | null;
}

export interface Button {
  /** Empty for a button without a name: nothing is sent for it. */
  name: string;
  value: string;
  text: string;
  /** Its own target, where it has one. */
  action: string | null;
}

export interface Form {
  /** Absolute. */
  action: string;
  method: 'get' | 'post';
  fields: Field[];
  /** Those that send the form, in the order of the page. */
  buttons: Button[];
}

/** What a person without a picture of the page can know of it. */
export interface Page {
  url: string;
  status: number;
  title: string;
  /** Text of the first `h1`; empty without one. */
  heading: string;
  /** All text as it is read out, with single spaces. */
  text: string;
  /** Texts with `role="alert"`, and of elements that an input names as its error. */
  alerts: string[];
  /** Texts set in `<code>` or `<kbd>`: keys to copy, references to read out. */
  codes: string[];
  links: { text: string; url: string }[];
  forms: Form[];
}

/** Reads a page as a browser without scripts does (HTML parsing by parse5; form data as in the HTML standard, 4.10.21). */
export function readPage(source: { html: string; url: string; status: number }): Page {
  const elements = [...walk(parse(source.html))];
  const withTag = (...tags: string[]) => elements.filter((element) => tags.includes(element.tagName));
  const base = new URL(attribute(withTag('base')[0], 'href') ?? '', source.url).href;
  const errorIds = elements.flatMap((element) => attribute(element, 'aria-errormessage')?.split(/\s+/) ?? []);

  return {
    url: source.url,
    status: source.status,
    title: textOf(withTag('title')[0]),
    heading: textOf(withTag('h1')[0]),
    text: textOf(withTag('body')[0]),
    alerts: elements
      .filter((one) => attribute(one, 'role') === 'alert' || errorIds.includes(attribute(one, 'id') ?? ''))
      .map(textOf),
    codes: withTag('code', 'kbd').map(textOf),
    links: withTag('a').flatMap((link) => {
      const target = URL.parse(attribute(link, 'href') ?? 'about:', base);
      return target?.protocol.startsWith('http') ? [{ text: textOf(link), url: target.href }] : [];
    }),
    forms: withTag('form').map((form) => readForm(form, elements, base)),
  };
}

function readForm(form: Tree.Element, elements: readonly Tree.Element[], base: string): Form {
  const own = elements.filter((element) => ownerOf(element, elements) === form && !isDisabled(element));
  return {
    action: new URL(attribute(form, 'action') || base, base).href,
    method: attribute(form, 'method')?.toLowerCase() === 'post' ? 'post' : 'get',
    fields: own.flatMap((element) => readField(element)),
    buttons: own.filter(isSubmitButton).map((element) => {
      const action = attribute(element, 'formaction');
      return {
        name: attribute(element, 'name') ?? '',
        value: attribute(element, 'value') ?? '',
        text: element.tagName === 'input' ? (attribute(element, 'value') ?? '') : textOf(element),
        action: action === null ? null : new URL(action, base).href,
      };
    }),
  };
}

/** No field for what a form never sends by itself: buttons, and controls without a name. */
function readField(element: Tree.Element): Field[] {
  const name = attribute(element, 'name') ?? '';
  if (name === '') return [];
  if (element.tagName === 'textarea') return [{ name, type: 'textarea', value: rawText(element) }];
  if (element.tagName === 'select') return [{ name, type: 'select', value: selectedValue(element) }];
  const type = attribute(element, 'type')?.toLowerCase() ?? 'text';
  if (element.tagName !== 'input' || ['submit', 'button', 'reset', 'image', 'file'].includes(type)) return [];
  const box = type === 'checkbox' || type === 'radio';
  const value = attribute(element, 'value') ?? (box ? 'on' : '');
  return [{ name, type, value: box && attribute(element, 'checked') === null ? null : value }];
}

function selectedValue(select: Tree.Element): string | null {
  const options = [...walk(select)].filter((element) => element.tagName === 'option');
  const chosen = options.findLast((option) => attribute(option, 'selected') !== null) ?? options[0];
  return chosen === undefined ? null : (attribute(chosen, 'value') ?? textOf(chosen));
}

function isSubmitButton(element: Tree.Element): boolean {
  const type = attribute(element, 'type')?.toLowerCase();
  if (element.tagName === 'button') return type !== 'button' && type !== 'reset';
  return element.tagName === 'input' && (type === 'submit' || type === 'image');
}

function ownerOf(element: Tree.Element, elements: readonly Tree.Element[]): Tree.Element | null {
  const named = attribute(element, 'form');
  if (named !== null) return elements.find((one) => one.tagName === 'form' && attribute(one, 'id') === named) ?? null;
  return ancestorsOf(element).find(({ tagName }) => tagName === 'form') ?? null;
}

function isDisabled(element: Tree.Element): boolean {
  const sets = ancestorsOf(element).filter(({ tagName }) => tagName === 'fieldset');
  return [element, ...sets].some((one) => attribute(one, 'disabled') !== null);
}

function ancestorsOf(element: Tree.Element): Tree.Element[] {
  const parent = element.parentNode;
  return parent !== null && 'tagName' in parent ? [parent, ...ancestorsOf(parent)] : [];
}

/** The elements below a node, in the order of the page. The content of a `<template>` is not on the page. */
function* walk(node: Tree.Node): Generator<Tree.Element> {
  if (!('childNodes' in node)) return;
  for (const child of node.childNodes) {
    if ('tagName' in child) yield child;
    yield* walk(child);
  }
}

function attribute(element: Tree.Element | undefined, name: string): string | null {
  return element?.attrs.find((one) => one.name === name)?.value ?? null;
}

const inline = new Set(['a', 'abbr', 'b', 'bdi', 'code', 'em', 'i', 'kbd', 'small', 'strong', 'span', 'sub', 'sup']);

/** Text as it is read out: words of neighbouring blocks are kept apart, those of inline elements are not. */
function textOf(element: Tree.Element | undefined): string {
  return element === undefined ? '' : rawText(element).replace(/\s+/g, ' ').trim();
}

function rawText(node: Tree.Node): string {
  if (node.nodeName === '#text') return (node as Tree.TextNode).value;
  if (!('childNodes' in node) || node.nodeName === 'script' || node.nodeName === 'style') return '';
  if ('attrs' in node && (attribute(node, 'hidden') !== null || attribute(node, 'aria-hidden') === 'true')) return '';
  const text = node.childNodes.map(rawText).join('');
  return inline.has(node.nodeName) || node.nodeName === 'textarea' ? text : ` ${text} `;
}
