// Before all tests: what they need is there, and the repositories they copy are made.

import { check } from './places';
import { makeTemplates } from './templates';

export default async function begin(): Promise<void> {
  check();
  await makeTemplates();
}
