import { describe, expect, it } from 'vitest';
import { classBars, pictureOf, pixels, rangeOf } from './example';

describe('pictureOf', () => {
  it('sees a picture in the shapes of pictures', () => {
    expect(pictureOf([1, 8, 8], 64)).toEqual({ width: 8, height: 8, planes: 1 });
    expect(pictureOf([4, 6], 24)).toEqual({ width: 6, height: 4, planes: 1 });
    expect(pictureOf([3, 4, 6], 72)).toEqual({ width: 6, height: 4, planes: 3 });
  });

  it('sees none in a row of numbers, in other planes, or where values are missing', () => {
    for (const shape of [[64], [1, 64], [2, 8, 8], [1, 1, 8], [1, 8, 8, 1], []]) {
      expect(
        pictureOf(
          shape,
          shape.reduce((product, side) => product * side, 1),
        ),
      ).toBeNull();
    }
    expect(pictureOf([1, 8, 8], 63)).toBeNull();
  });
});

describe('pixels', () => {
  const picture = { width: 2, height: 1, planes: 1 } as const;

  it('draws the smallest value black and the largest white', () => {
    expect([...pixels(picture, [-3, 13])]).toEqual([0, 0, 0, 255, 255, 255, 255, 255]);
  });

  it('leaves out what is missing, and draws one grey where all is alike', () => {
    expect([...pixels(picture, [null, 5])].slice(0, 4)).toEqual([0, 0, 0, 0]);
    expect([...pixels(picture, [5, 5])].slice(0, 3)).toEqual([128, 128, 128]);
    expect(rangeOf([null, Number.NaN])).toBeNull();
  });

  it('takes three planes for red, green and blue', () => {
    expect([...pixels({ ...picture, planes: 3 }, [1, 0, 0, 1, 0, 0])]).toEqual([
      255, 0, 0, 255, 0, 255, 0, 255,
    ]);
  });
});

it('shows the truth first, then the likeliest class of either side', () => {
  const bars = classBars(
    [
      { class: 'x', probability: 0.7 },
      { class: 'y', probability: 0.3 },
    ],
    [
      { class: 'z', probability: 0.9 },
      { class: 'y', probability: 0.1 },
    ],
    'y',
  );
  expect(bars).toEqual([
    { class: 'y', a: 0.3, b: 0.1 },
    { class: 'z', a: null, b: 0.9 },
    { class: 'x', a: 0.7, b: null },
  ]);
});
