/** The id of the live region that the shell renders. */
export const LIVE_REGION = 'live-region';

/** Says something to who does not see the screen, when they are not busy. */
export function announce(text: string): void {
  const region = document.getElementById(LIVE_REGION);
  if (!region) return;
  region.textContent = '';
  // The same words again are only read when the region changes in a later frame.
  setTimeout(() => (region.textContent = text), 30);
}
