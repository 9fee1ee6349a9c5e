import { isLive } from './live/isLive.js';
import { CopyButton } from './parts/copyButton.js';
import { Icon } from './parts/icon.js';
import type { View } from './state/hash.js';
import { view } from './state/place.js';
import { type Theme, theme } from './state/theme.js';

const TABS: readonly { readonly view: View; readonly title: string }[] = [
  { view: 'map', title: 'Map' },
  { view: 'compare', title: 'Compare' },
  { view: 'fix', title: 'Fix' },
  { view: 'profile', title: 'Profile' },
  { view: 'filter', title: 'Filter' },
  { view: 'live', title: 'Live' },
];

export function Header() {
  const tabs = TABS.filter((tab) => tab.view !== 'live' || isLive || view.value === 'live');
  return (
    <header class="bar">
      <h1 class="brand">
        <Icon name="gate" />
        Callgate
      </h1>
      <nav aria-label="Views">
        {tabs.map((tab) => (
          <button
            key={tab.view}
            type="button"
            class="tab"
            aria-current={view.value === tab.view ? 'page' : undefined}
            onClick={() => {
              view.value = tab.view;
            }}
          >
            {tab.title}
          </button>
        ))}
      </nav>
      <div class="bar-end">
        <CopyButton label="Copy link" text={() => location.href} quiet />
        <ThemeButton />
      </div>
    </header>
  );
}

const NEXT: Readonly<Record<Theme, Theme>> = { auto: 'light', light: 'dark', dark: 'auto' };
const WORDS: Readonly<Record<Theme, string>> = { auto: 'as the system', light: 'light', dark: 'dark' };

function ThemeButton() {
  const now = theme.value;
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={`Theme: ${WORDS[now]}`}
      title={`Theme: ${WORDS[now]}`}
      onClick={() => {
        theme.value = NEXT[now];
      }}
    >
      <Icon name={now} />
    </button>
  );
}
