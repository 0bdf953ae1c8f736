// The tests of the cards can fail: a bad card is found by each of them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from './browser.mjs';
import { foldedCards } from './samples.mjs';
import { barriers, cutTexts, harmless, oddSteps, openPage, show } from './renderer.mjs';
import { schemaErrors } from './schema.mjs';

const button = (title) => ({ type: 'Action.Execute', title, verb: 'ticket/show' });
const card = (...body) => ({ type: 'AdaptiveCard', version: '1.5', lang: 'en', body });

let browser;
let page;
before(async () => {
  browser = await launch();
  page = await openPage(browser);
});
after(() => browser?.close());

const draw = (c) => show(page, [{ card: c, lang: 'en', width: 320 }], 'light');

test('four long buttons in a row are cut at 320 px', async () => {
  await draw(card({ type: 'ActionSet', actions: ['Resolve', 'Wait for customer', 'Comment', 'Open portal'].map(button) }));
  assert.match((await cutTexts(page)).join(), /Open portal/);
});

test('a chosen value that is longer than its list is cut', async () => {
  const title = 'A choice with a title that no phone has the room for';
  await draw(card({ type: 'Input.ChoiceSet', id: 'a', label: 'A', choices: [{ title, value: '1' }], value: '1' }));
  assert.deepEqual(await cutTexts(page), [`choice: ${title}`]);
});

test('text in one line that does not fit is cut', async () => {
  await draw(card({ type: 'TextBlock', text: 'A sentence that is not wrapped and so ends somewhere behind the edge' }));
  assert.match((await cutTexts(page)).join(), /not wrapped/);
});

test('a mention that the card declares is drawn as a name, another tag as typed', async () => {
  const mentioned = { id: '29:1', name: 'Ines Kowal' };
  await draw({
    ...card({ type: 'TextBlock', text: '<at>Ines Kowal</at>' }, { type: 'TextBlock', text: '<at>Somebody</at>' }),
    msteams: { entities: [{ type: 'mention', text: '<at>Ines Kowal</at>', mentioned }] },
  });
  const text = await page.locator('.frame').innerText();
  assert.match(text, /^@Ines Kowal$/m);
  assert.match(text, /<at>Somebody<\/at>/);
});

test('axe finds pale text and an input without a label', async () => {
  await draw(card({ type: 'TextBlock', text: 'Careful', color: 'Light', isSubtle: true }, { type: 'Input.Text', id: 'a' }));
  const found = (await barriers(page)).join();
  assert.match(found, /color-contrast/);
  assert.match(found, /label/);
});

test('a Tab key that does not go as one reads is found', async () => {
  await draw(card(
    { type: 'ColumnSet', columns: ['A', 'B'].map((id) => ({ type: 'Column', width: 'stretch', items: [{ type: 'Input.Text', id, label: id }] })) },
    { type: 'ActionSet', actions: ['One', 'Two'].map(button) },
  ));
  assert.deepEqual(await oddSteps(page), []);
  await page.evaluate(() => { document.querySelector('.frame button').style.transform = 'translateY(-200px)'; });
  assert.match((await oddSteps(page)).join(), /goes back to One/);
  await page.evaluate(() => { document.querySelector('.frame input').tabIndex = 3; });
  assert.match((await oddSteps(page)).join(), /asks for place 3/);
});

test('an unknown element is objected to unless it has a fallback', async () => {
  const bare = card({ type: 'Badge', text: 'New' });
  const [{ events }] = await draw(bare);
  assert.ok(events.some((e) => !harmless(e, bare)), JSON.stringify(events));
  assert.notEqual(schemaErrors(bare), null);

  const kind = card({ type: 'Badge', text: 'New', fallback: { type: 'TextBlock', text: 'New' } });
  const [{ events: left }] = await draw(kind);
  assert.deepEqual(left.filter((e) => !harmless(e, kind)), []);
  assert.equal(schemaErrors(kind), null);
});

test('the schema finds a property that nobody knows and a value that is none', () => {
  assert.match(schemaErrors(card({ type: 'TextBlock', text: 'a', colour: 'good' })).join(), /colour/);
  assert.notEqual(schemaErrors(card({ type: 'Input.Text', id: 'a', label: 'A', maxLength: 'long' })), null);
});

test('what opens below a button is drawn as well', async () => {
  const below = { type: 'AdaptiveCard', body: [{ type: 'TextBlock', text: 'Below', wrap: true }] };
  const [folded] = foldedCards(card({ type: 'ActionSet', actions: [{ type: 'Action.ShowCard', title: 'Open', card: below }] }));
  await draw(folded);
  assert.equal(await page.getByText('Below').isVisible(), true);
});
