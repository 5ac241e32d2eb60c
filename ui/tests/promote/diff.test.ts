import { describe, expect, it } from 'vitest';
import { parsePatch, patchLines, unquoted } from '$features/promote/diff';

const plain = [
  'diff --git a/environments/staging/digits/release/deployment.yaml b/environments/staging/digits/release/deployment.yaml',
  'index a44d460..4f7cd97 100644',
  '--- a/environments/staging/digits/release/deployment.yaml',
  '+++ b/environments/staging/digits/release/deployment.yaml',
  '@@ -2,4 +2,5 @@',
  ' schema: keelmark.deployment/1',
  '-version: "f11d2427"',
  '+version: "6507ba0d"',
  '+run: "01M86"',
  ' model: digits',
  ' decision: ready',
  'diff --git a/m/model.safetensors b/m/model.safetensors',
  'new file mode 100644',
  'index 0000000..477e98c',
  'Binary files /dev/null and b/m/model.safetensors differ',
  '',
].join('\n');

describe('a patch', () => {
  it('is read file by file with the numbers of its lines', () => {
    const [first, second] = parsePatch(plain).files;
    expect(first).toMatchObject({
      path: 'environments/staging/digits/release/deployment.yaml',
      added: 2,
      removed: 1,
    });
    expect(first?.hunks[0]?.lines.map((line) => [line.kind, line.before, line.after])).toEqual([
      ['same', 2, 2],
      ['removed', 3, null],
      ['added', null, 3],
      ['added', null, 4],
      ['same', 4, 5],
      ['same', 5, 6],
    ]);
    expect(second).toMatchObject({ path: 'm/model.safetensors', state: 'added', binary: true, hunks: [] });
  });

  it('takes content that looks like a header for content', () => {
    const patch = parsePatch(
      [
        'diff --git a/x b/x',
        '--- a/x',
        '+++ b/x',
        '@@ -1,2 +1,4 @@',
        '--- a/etc/passwd',
        '+++ b/evil',
        '+diff --git a/y b/y',
        '+@@ -1 +1 @@',
        ' end',
      ].join('\n'),
    );
    expect(patch.files).toHaveLength(1);
    expect(patch.files[0]).toMatchObject({ path: 'x', added: 3, removed: 1 });
    expect(patch.files[0]?.hunks[0]?.lines.map((line) => line.text)).toEqual([
      '-- a/etc/passwd',
      '++ b/evil',
      'diff --git a/y b/y',
      '@@ -1 +1 @@',
      'end',
    ]);
  });

  it('ends a hunk where its counts end, and keeps what nobody announced', () => {
    const patch = parsePatch(
      ['diff --git a/x b/x', '@@ -1 +1 @@', '-a', '+b', '+not announced', '-nor this', 'rubbish'].join('\n'),
    );
    const [file] = patch.files;
    expect(file).toMatchObject({ added: 1, removed: 1 });
    expect(file?.hunks[0]?.lines.slice(2)).toEqual([
      { kind: 'note', before: null, after: null, text: '+not announced' },
      { kind: 'note', before: null, after: null, text: '-nor this' },
      { kind: 'note', before: null, after: null, text: 'rubbish' },
    ]);
  });

  it('survives counts that lie, and a file that begins before a hunk has ended', () => {
    const patch = parsePatch(
      ['diff --git a/x b/x', '@@ -1,999999999 +1,999999999 @@', ' one', 'diff --git a/y b/y', '+++ b/y'].join(
        '\n',
      ),
    );
    expect(patch.files.map((file) => file.path)).toEqual(['x', 'y']);
    const absurd = parsePatch('diff --git a/x b/x\n@@ -1,99999999999999999999 +1 @@\n-a');
    expect(absurd.files[0]).toMatchObject({ hunks: [], removed: 0 });
  });

  it('knows what became of each file', () => {
    const states = parsePatch(
      [
        'diff --git a/old b/new',
        'similarity index 90%',
        'rename from old',
        'rename to new',
        'diff --git a/gone b/gone',
        'deleted file mode 100644',
        '--- a/gone',
        '+++ /dev/null',
        '@@ -1 +0,0 @@',
        '-x',
        '\\ No newline at end of file',
      ].join('\n'),
    ).files;
    expect(states.map(({ path, from, state }) => ({ path, from, state }))).toEqual([
      { path: 'new', from: 'old', state: 'renamed' },
      { path: 'gone', from: null, state: 'removed' },
    ]);
    expect(states[1]?.hunks[0]?.lines.at(-1)).toMatchObject({ kind: 'note' });
  });

  it('reads paths with spaces, quotes and other scripts', () => {
    expect(parsePatch('diff --git a/a b/c d b/a b/c d').files[0]?.path).toBe('a b/c d');
    const quoted = parsePatch('diff --git "a/\\303\\244 \\"x\\"\\t.txt" "b/\\303\\244 \\"x\\"\\t.txt"')
      .files[0];
    expect(quoted).toMatchObject({ path: 'ä "x"\t.txt', from: null });
    expect(unquoted('"\\')).toBe('"\\');
    expect(unquoted('"\\9\\"')).toBe('\\9\\');
    expect(unquoted(`"${'x'.repeat(500_000)}"`)).toHaveLength(500_000);
  });

  it('never ends a line at anything but a line feed', () => {
    const patch = parsePatch('diff --git a/x b/x\n@@ -0,0 +1,2 @@\n+a\rb\u2028c\u0085d\n+\u202eevil\n');
    expect(patch.files[0]?.hunks[0]?.lines.map((line) => line.text)).toEqual([
      'a\rb\u2028c\u0085d',
      '\u202eevil',
    ]);
  });

  it('keeps every line of whatever it is given', () => {
    const pieces = [
      ...plain.split('\n').slice(0, -1),
      '@@',
      '@@@ -1 -1 +1 @@@',
      '+',
      '-',
      '\\',
      'GIT binary patch',
      '+++ ',
      '--- /dev/null',
    ];
    let seed = 7;
    const next = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    for (let round = 0; round < 500; round += 1) {
      const lines = Array.from({ length: next(30) }, () => pieces[next(pieces.length)] ?? '');
      const text = lines.map((line) => `${line}\n`).join('');
      expect(patchLines(parsePatch(text))).toEqual(lines);
    }
    expect(parsePatch('')).toEqual({ files: [], before: [] });
  });
});
