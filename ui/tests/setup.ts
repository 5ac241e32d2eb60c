import '../src/design/base.css';
import { beforeEach } from 'vitest';
import { useHost } from '$host';

document.documentElement.lang = 'en';
document.documentElement.dataset.theme = 'light';

beforeEach(() => {
  useHost(null);
  localStorage.clear();
  history.replaceState(null, '', '#/');
});
