// Every sample card against the public schema, and what the schema cannot say.
// Needs no browser.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { howToMake, objects, sampleCards } from './samples.mjs';
import { schemaErrors } from './schema.mjs';

const cards = sampleCards();

test('there are cards', () => assert.ok(cards.length > 0, howToMake));

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
