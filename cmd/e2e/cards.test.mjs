// Every sample card in Microsoft's renderer, and those of dialogs as a dialog has them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch } from './browser.mjs';
import { barriers, cutTexts, harmless, oddSteps, openPage, show, themes, widths } from './renderer.mjs';
import { foldedCards, howToMake, objects, sampleCards } from './samples.mjs';

const cards = sampleCards();

test('there are cards', () => assert.ok(cards.length > 0, howToMake));

describe('renderer', () => {
  let browser;
  let page;
  before(async () => {
    browser = await launch();
    page = await openPage(browser);
  });
  after(() => browser?.close());

  for (const { name, lang, card } of cards) {
    test(name, async () => {
      const parts = [card, ...foldedCards(card)];
      // Customers are called as they are called, and so are Microsoft's incidents; the whole
      // name is on the review, and the incident's id stands first.
      const named = [...objects(card)].flatMap(([o]) =>
        o.id === 'customer' ? (o.choices ?? []) : o.id === 'healthChecked' ? (o.choices ?? []).filter(({ value }) => /^[A-Z]{2}\d+$/.test(value)) : [],
      );
      const foreign = new Set(named.map(({ title }) => `choice: ${title}`));
      // In a dialog the same card stands with other buttons, which have the same colours.
      const inDialog = name.startsWith('dialog/');
      for (const width of inDialog ? [320] : widths) {
        for (const theme of inDialog ? ['light'] : themes) {
          const drawn = await show(page, parts.map((part) => ({ card: part, lang, width })), theme);
          for (const { drawn: isDrawn, events } of drawn) {
            assert.ok(isDrawn, 'the renderer draws nothing');
            assert.deepEqual(events.filter((e) => !harmless(e, card)), [], `${width} px, ${theme}`);
          }
          assert.deepEqual((await cutTexts(page)).filter((text) => !foreign.has(text)), [], `cut at ${width} px, ${theme}`);
          if (theme === 'light') assert.deepEqual(await oddSteps(page), [], `Tab at ${width} px`);
          // Wider changes nothing that axe looks at, and axe takes its time.
          // The renderer gives a field whose choices Teams asks for no label while it has none.
          const asked = drawn.some(({ events }) => events.some((e) => e.event === 'CollectionCantBeEmpty'));
          const found = width === 320 ? await barriers(page) : [];
          assert.deepEqual(found.filter((text) => !(asked && text.includes('filtered-textbox'))), [], `axe at ${width} px, ${theme}`);
        }
      }
    });
  }
});
