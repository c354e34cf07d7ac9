// Starts the front end: takes the key, shows the pages, listens for changes.
import './style.css';
import { render } from 'preact';
import { takeKey } from './api.ts';
import { App, Locked } from './app.ts';
import { html } from './html.ts';
import { startLive } from './live-data.ts';

const root = document.getElementById('app');
if (root !== null) {
  const hasKey = await takeKey();
  render(hasKey ? html`<${App} />` : html`<${Locked} />`, root);
  if (hasKey) startLive();
}
