// Elements, built one by one: the only way anything gets onto this page.
//
// A string becomes a text node or the value of an attribute, never markup. Attributes are
// those of the list below, so none of them can carry a script or a style; links lead to
// places of this page or of this server.

const ATTRIBUTES = new Set([
  'alt', 'class', 'colspan', 'datetime', 'disabled', 'download', 'for', 'hidden', 'href',
  'id', 'lang', 'name', 'open', 'placeholder', 'role', 'rowspan', 'scope', 'selected',
  'spellcheck', 'tabindex', 'title', 'type', 'value', 'autocomplete',
]);
const OURS = /^(#|\/(?!\/))/;

// h('p', {class: 'x', on: {click: f}}, 'text', node, [more], null)
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'on') {
      for (const [event, listener] of Object.entries(value)) {
        element.addEventListener(event, listener);
      }
    } else {
      setAttribute(element, name, value);
    }
  }
  return append(element, children);
}

function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (!ATTRIBUTES.has(name) && !/^(aria|data)-[a-z-]+$/.test(name)) {
    throw new Error(`attribute ${name} is not for this page`);
  }
  if (name === 'href' && !OURS.test(value)) throw new Error('a link that leads elsewhere');
  element.setAttribute(name, value === true ? '' : String(value));
}

// Nothing for null, undefined and false; lists are taken apart.
export function append(element, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

// A drawing of one path, for the eye alone: what it means stands beside it in words.
export function drawing(path, className) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', className);
  const shape = document.createElementNS(SVG, 'path');
  shape.setAttribute('d', path);
  svg.append(shape);
  return svg;
}
