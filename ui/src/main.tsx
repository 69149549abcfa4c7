import { createRoot } from 'react-dom/client';
import { App } from './app';
import { startLocale } from './i18n';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
void startLocale().then(() => createRoot(root).render(<App />));
