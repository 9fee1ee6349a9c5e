import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

/** The page's own colours: they follow the theme by themselves. */
export const appearance: Extension = [
  EditorView.theme({
    '&': { height: '100%', color: 'var(--ink)', backgroundColor: 'var(--card)', fontSize: '0.8125rem' },
    '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
    '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5' },
    '.cm-content': { caretColor: 'var(--ink)' },
    '.cm-cursor': { borderLeftColor: 'var(--ink)' },
    '.cm-gutters': {
      backgroundColor: 'var(--well)',
      color: 'var(--ink-soft)',
      borderRight: '1px solid var(--rule)',
    },
    '.cm-activeLine, .cm-activeLineGutter': {
      backgroundColor: 'color-mix(in srgb, var(--accent) 8%, transparent)',
    },
    '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground, ::selection':
      {
        backgroundColor: 'color-mix(in srgb, var(--accent) 28%, transparent) !important',
      },
    '.cm-selectionMatch': { backgroundColor: 'var(--mark)' },
    '.cm-tooltip, .cm-panels': {
      backgroundColor: 'var(--card)',
      color: 'var(--ink)',
      border: '1px solid var(--rule)',
    },
    '.cm-tooltip-autocomplete ul li[aria-selected]': {
      backgroundColor: 'var(--accent)',
      color: 'var(--accent-ink)',
    },
    '.cm-diagnostic': { whiteSpace: 'pre-wrap', fontFamily: 'var(--sans)', maxWidth: '40rem' },
    '.cm-diagnosticAction': {
      backgroundColor: 'var(--accent)',
      color: 'var(--accent-ink)',
      borderRadius: '4px',
    },
    '.cm-foldPlaceholder': {
      backgroundColor: 'var(--well)',
      color: 'var(--ink-soft)',
      border: '1px solid var(--rule)',
    },
    '.cm-button, .cm-textfield': {
      backgroundImage: 'none',
      backgroundColor: 'var(--card)',
      color: 'var(--ink)',
      border: '1px solid var(--rule)',
    },
  }),
  syntaxHighlighting(
    HighlightStyle.define([
      { tag: tags.propertyName, color: 'var(--accent)' },
      { tag: tags.string, color: 'var(--allowed)' },
      { tag: [tags.number, tags.bool, tags.null], color: 'var(--enosys)' },
      { tag: tags.invalid, color: 'var(--errno)' },
    ]),
  ),
];
