import { describe, expect, test } from 'vitest';
import { droppedText, folderOf, joined } from './paths';

describe('the folder of a clone', () => {
  test.each([
    ['https://host/team/churn.git', 'churn'],
    ['git@host:team/churn.git', 'churn'],
    ['git@host:churn', 'churn'],
    ['/srv/git/churn/', 'churn'],
    ['C:\\models\\churn', 'churn'],
    ['  ssh://host/churn.git ', 'churn'],
    ['..', ''],
    ['/', ''],
    ['', ''],
  ])('%s is called %s', (address, name) => {
    expect(folderOf(address)).toBe(name);
  });

  test('is written as its parent is', () => {
    expect(joined('/srv/ada', 'churn')).toBe('/srv/ada/churn');
    expect(joined('/', 'churn')).toBe('/churn');
    expect(joined('C:\\models', 'churn')).toBe('C:\\models\\churn');
  });
});

describe('what is dropped', () => {
  test.each([
    ['file:///srv/ada/my%20model', { folder: '/srv/ada/my model' }],
    ['# list\r\nfile:///a\r\nfile:///b', { folder: '/a' }],
    ['file:///C:/models', { folder: 'C:/models' }],
    ['https://host/churn.git', { url: 'https://host/churn.git' }],
    ['git@host:team/churn.git', { url: 'git@host:team/churn.git' }],
    ['/srv/ada/model', { folder: '/srv/ada/model' }],
    ['javascript:alert(1)', null],
    ['just words', null],
    ['', null],
  ])('%s', (text, found) => {
    expect(droppedText(text)).toEqual(found);
  });
});
