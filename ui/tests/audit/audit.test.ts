import { beforeEach, describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { Audit as Answer, AuditEntry, ExportedFile } from '$generated/bindings';
import { Audit } from '$features/audit';
import { cell, csv, file } from '$features/audit/exporting';
import { environmentsOf, fits, standing } from '$features/audit/filter';
import { router } from '$states';
import answer from '../fixtures/audit.json';
import { fakeHost } from '../support/host';

const all = answer as unknown as Answer;
const sound: Answer = { ...all, tampered: false, entries: all.entries.filter((entry) => entry.ok) };
const NONE = { text: '', environment: null, kind: null, broken: false };

const text = (made: ExportedFile): string =>
  new TextDecoder().decode(Uint8Array.from(atob(made.base64), (letter) => letter.charCodeAt(0)));

describe('a cell of a CSV file', () => {
  it('is never a formula', () => {
    expect(cell('=1+1')).toBe("'=1+1");
    expect(cell('  @SUM(A1)')).toBe("'  @SUM(A1)");
    expect(cell('\t=1')).toBe("'\t=1");
    expect(cell('-2')).toBe("'-2");
    expect(cell('+49')).toBe("'+49");
    expect(cell('＝1')).toBe("'＝1");
    expect(cell('=HYPERLINK("http://x","y")')).toBe('"\'=HYPERLINK(""http://x"",""y"")"');
    expect(cell(-2)).toBe('-2');
  });

  it('keeps quotes, commas and line ends', () => {
    expect(cell('a "b", c\nd')).toBe('"a ""b"", c\nd"');
    expect(cell(null)).toBe('');
    expect(cell('plain = text')).toBe('plain = text');
  });
});

describe('the export', () => {
  it('has a line an entry and survives other scripts', () => {
    const first = all.entries[0];
    if (!first) throw new Error('the fixture has entries');
    const entry: AuditEntry = { ...first, author: 'Ødegård 工藤', subject: '=cmd' };
    const lines = csv([entry, ...all.entries]).split('\r\n');
    expect(lines).toHaveLength(all.entries.length + 3);
    expect(lines[0]).toMatch(/^commit,time,kind,ok,environment/);
    expect(lines[1]).toContain("Ødegård 工藤,ada@example.org,'=cmd");
    expect(text(file('a.csv', 'text/csv', lines.join('\r\n')))).toBe(lines.join('\r\n'));
  });
});

describe('the filter', () => {
  it('finds every word anywhere in an entry', () => {
    const found = (wanted: Partial<typeof NONE>): string[] =>
      all.entries.filter((entry) => fits(entry, { ...NONE, ...wanted })).map((entry) => entry.subject);
    expect(found({ text: 'pilot v1.2' })).toEqual(['Promote digits v1.2.0 to staging']);
    expect(found({ text: 'lovelace' })).toHaveLength(all.entries.length);
    expect(found({ text: 'nobody' })).toEqual([]);
    expect(all.entries.filter((entry) => fits(entry, { ...NONE, kind: 'rollback' }))).toHaveLength(1);
    expect(all.entries.filter((entry) => fits(entry, { ...NONE, environment: 'production' }))).toHaveLength(
      1,
    );
    expect(found({ broken: true })).toEqual(['Hotfix by hand']);
  });

  it('knows the environments in the order they came', () => {
    expect(environmentsOf(all.entries)).toEqual(['staging', 'production']);
  });

  it('tells sound, not checked and broken apart', () => {
    const [hand, other, sure] = all.entries;
    if (!hand || !other || !sure) throw new Error('the fixture has entries');
    expect([hand, other, sure, { ...sure, notes: ['the run is not here'] }].map(standing)).toEqual([
      'broken',
      'none',
      'ok',
      'noted',
    ]);
  });
});

let repos = 0;

function show(audit: Answer | (() => Answer)) {
  repos += 1;
  const repo = `a${repos}`;
  const fake = fakeHost({ audit });
  router.go(`/r/${repo}/audit`);
  render(Audit, { repo, model: null });
  return fake;
}

describe('the audit', () => {
  beforeEach(() => page.viewport(1200, 800));

  it('says in words whether everything holds', async () => {
    show(sound);
    await expect.element(page.getByText('All 6 entries hold against their own words')).toBeVisible();
    await expect.element(page.getByRole('grid', { name: 'Audit' })).toHaveAttribute('aria-rowcount', '7');
    await expect.element(page.getByRole('checkbox')).not.toBeInTheDocument();
  });

  it('says what does not hold, and why', async () => {
    show(all);
    await expect.element(page.getByText('1 of 7 entries does not hold')).toBeVisible();
    const detail = page.getByRole('region', { name: 'Entry' });
    await expect
      .element(detail.getByText(/changes environments\/production\/digits\/release by hand/))
      .toBeVisible();
    await page.getByRole('row', { name: /Roll back digits/ }).click();
    await userEvent.keyboard('j');
    await expect.element(detail.getByText('Needed for the pilot on Monday; the drop is known')).toBeVisible();
    await expect.element(detail.getByText('WARNED')).toBeVisible();
  });

  it('verifies again on demand', async () => {
    let now = sound;
    const fake = show(() => now);
    await expect.element(page.getByText(/^All 6 entries/)).toBeVisible();
    now = all;
    await page.getByRole('button', { name: 'Verify again' }).click();
    await expect.element(page.getByText('1 of 7 entries does not hold')).toBeVisible();
    expect(fake.count('audit')).toBe(2);
    await expect.element(page.getByRole('button', { name: 'Verify again' })).toBeVisible();
  });

  it('keeps its filters in the address and exports what is shown', async () => {
    const fake = show(all);
    const saved: ExportedFile[] = [];
    fake.saveFile = (made) => {
      saved.push(made);
      return Promise.resolve(made.name);
    };
    await page.getByRole('searchbox', { name: 'Filter entries' }).fill('staging');
    await expect.element(page.getByText('5 of 7', { exact: true })).toBeVisible();
    expect(router.route.query.get('q')).toBe('staging');
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: '5 entries as CSV' }).click();
    await vi.waitFor(() => expect(saved).toHaveLength(1));
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: '5 entries as JSON' }).click();
    await vi.waitFor(() => expect(saved).toHaveLength(2));
    const [asCsv, asJson] = saved;
    expect(asCsv && text(asCsv).trim().split('\r\n')).toHaveLength(6);
    expect(asJson && (JSON.parse(text(asJson)) as Answer).entries).toHaveLength(5);
    await page.getByRole('searchbox', { name: 'Filter entries' }).fill('nothing like it');
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await expect.element(page.getByText('7 entries', { exact: true })).toBeVisible();
  });

  it('lists what people said, and what of it cannot be read', async () => {
    show(all);
    const notes = page.getByRole('region', { name: 'Notes' });
    await expect.element(notes).toHaveTextContent('Accepted 2 changed predictions of digits');
    await expect.element(notes).toHaveTextContent('Both are smudges.');
    await expect.element(notes).toHaveTextContent('written by a newer Keelmark (keelmark.note/9)');
  });

  it('is empty before the first deployment', async () => {
    show({ tip: null, tampered: false, entries: [], notes: [] });
    await expect.element(page.getByText('Nothing was deployed yet')).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'Verify again' })).not.toBeInTheDocument();
  });
});
