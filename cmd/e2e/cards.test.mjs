// Every golden card in Microsoft's renderer and against the public schema.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch } from './browser.mjs';
import { folder, foldedCards, goldenCards, objects } from './golden.mjs';
import { barriers, cutTexts, harmless, openPage, show, themes, widths } from './renderer.mjs';
import { schemaErrors } from './schema.mjs';

const cards = goldenCards();

test('there are golden cards', () => {
  assert.ok(cards.length > 0, `no card in ${folder}; go test ./cards -update writes them`);
});

describe('schema', () => {
  for (const { name, card } of cards) {
    test(name, () => {
      assert.equal(card.type, 'AdaptiveCard');
      assert.equal(card.version, '1.5');
      assert.ok(card.fallbackText, 'a client that cannot show the card needs fallbackText');
      assert.ok(card.speak, 'a screen reader lands on the card itself and reads speak');
      assert.ok(card.lang, 'a screen reader wants to know the language');
      assert.equal(schemaErrors(card), null);
    });
  }
});

describe('inputs and actions', () => {
  for (const { name, card } of cards) {
    test(name, () => {
      const taken = new Map(); // ids by the card that they stand in
      for (const [o, above] of objects(card)) {
        if (o.type?.startsWith('Input.')) {
          assert.ok(o.label, `input ${o.id} has no label`);
          const scope = above.findLast((a) => a.type === 'AdaptiveCard');
          const ids = taken.get(scope) ?? new Set();
          assert.ok(!ids.has(o.id), `two inputs are called ${o.id}`);
          taken.set(scope, ids.add(o.id));
        }
        if (o.selectAction) assert.ok(o.selectAction.title, 'a row that is a button needs a spoken name');
        if (o.type === 'Action.Execute' && !above.some((a) => a.refresh?.action === o)) {
          assert.equal(o.fallback?.type, 'Action.Submit', `${o.verb} has no fallback for clients without universal actions`);
          assert.equal(o.fallback.data?.verb, o.verb);
          assert.equal(o.fallback.title, o.title);
        }
      }
    });
  }
});

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
      // Customers are called as they are called; their whole name is on the review.
      const customer = [...objects(card)].find(([o]) => o.id === 'customer')?.[0];
      const foreign = new Set(customer?.choices?.map(({ title }) => `choice: ${title}`));
      for (const width of widths) {
        for (const theme of themes) {
          const drawn = await show(page, parts.map((part) => ({ card: part, lang, width })), theme);
          for (const { drawn: isDrawn, events } of drawn) {
            assert.ok(isDrawn, 'the renderer draws nothing');
            assert.deepEqual(events.filter((e) => !harmless(e, card)), [], `${width} px, ${theme}`);
          }
          assert.deepEqual((await cutTexts(page)).filter((text) => !foreign.has(text)), [], `cut at ${width} px, ${theme}`);
          // Wider changes nothing that axe looks at, and axe takes its time.
          if (width === 320) assert.deepEqual(await barriers(page), [], `axe at ${width} px, ${theme}`);
        }
      }
    });
  }
});
