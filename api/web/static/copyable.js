// Text to be published exactly as it stands, with a button that copies it.

import {h} from './dom.js';

export function copyable(text, label) {
  const code = h('code', {}, text);
  const note = h('span', {class: 'muted', role: 'status'});
  const button = h('button', {
    type: 'button',
    'aria-label': `Copy ${label}`,
    on: {click: async () => { note.textContent = await copied(text, code); }},
  }, 'Copy');
  return h('div', {class: 'copyable'}, h('pre', {tabindex: '0', 'aria-label': label}, code),
    h('p', {}, button, ' ', note));
}

// Browsers give the clipboard to pages of localhost and of HTTPS alone.
async function copied(text, element) {
  try {
    await navigator.clipboard.writeText(text);
    return 'Copied.';
  } catch {
    getSelection().selectAllChildren(element);
    return 'Selected: Ctrl+C copies it.';
  }
}
