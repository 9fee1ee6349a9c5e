import { CellPanel } from './cell/cellPanel.js';
import { Controls } from './controls/controls.js';
import { Header } from './header.js';
import { MapView } from './map/mapView.js';
import { lazyView } from './parts/lazyView.js';
import { call, view } from './state/place.js';

const CompareView = lazyView(async () => (await import('./compare/compareView.js')).CompareView);
const FixView = lazyView(async () => (await import('./fix/fixView.js')).FixView);
const EditorView = lazyView(async () => (await import('./editor/editorView.js')).EditorView);
const FilterView = lazyView(async () => (await import('./filter/filterView.js')).FilterView);
const LiveView = lazyView(async () => (await import('./live/liveView.js')).LiveView);

export function App() {
  const now = view.value;
  const hasPanel = (now === 'map' || now === 'profile') && call.value !== '';
  const hasControls = now !== 'compare' && now !== 'live';
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        To the content
      </button>
      <Header />
      <div class={`frame ${hasControls ? 'with-controls' : ''} ${hasPanel ? 'with-panel' : ''}`}>
        {hasControls && <Controls />}
        <main id="main" tabIndex={-1}>
          <CurrentView />
        </main>
        {hasPanel && <CellPanel />}
      </div>
    </>
  );
}

function CurrentView() {
  switch (view.value) {
    case 'map':
      return <MapView />;
    case 'compare':
      return <CompareView />;
    case 'fix':
      return <FixView />;
    case 'profile':
      return <EditorView />;
    case 'filter':
      return <FilterView />;
    case 'live':
      return <LiveView />;
  }
}
