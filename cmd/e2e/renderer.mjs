// A page with Microsoft's own renderer of Adaptive Cards, set up as Teams does
// it: Markdown in TextBlocks, the elements of version 1.5, a light and a dark
// host. One page serves any number of cards.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { objects } from './samples.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const script = (name, file) => path.join(path.dirname(require.resolve(`${name}/package.json`)), file);
const read = (file) => readFileSync(path.join(here, file), 'utf8');

export const themes = ['light', 'dark'];
export const widths = [320, 560];

/** Opens a page on which show() puts cards and axe can look at them. */
export async function openPage(browser, { scale = 1 } = {}) {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 }, deviceScaleFactor: scale });
  // The request is answered here: a page needs an origin, the tests need no network.
  await page.route('http://cards.test/', (route) => route.fulfill({
    contentType: 'text/html',
    body: '<!doctype html><html lang="en"><head><title>Cards</title></head><body><main></main></body></html>',
  }));
  await page.goto('http://cards.test/');
  await page.addStyleTag({ content: read('page.css') });
  await page.addScriptTag({ path: script('markdown-it', 'dist/browser/markdown-it.umd.min.js') });
  await page.addScriptTag({ path: script('adaptivecards', 'dist/adaptivecards.min.js') });
  await page.addScriptTag({ path: script('axe-core', 'axe.min.js') });
  await page.evaluate(prepare, { light: JSON.parse(read('host-light.json')), dark: JSON.parse(read('host-dark.json')) });
  return page;
}

/** Runs in the page: registers what show() calls. */
function prepare(hosts) {
  const { AdaptiveCards } = window;
  const markdown = window.markdownit({ linkify: false });
  let mentions = new Set();
  AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
    // Teams shows a mention that the card declares as a name; any other tag stays as it is typed.
    result.outputHtml = markdown.render(text.replace(/<at>(.*?)<\/at>/g, (tag, name) => (mentions.has(tag) ? `@${name}` : tag)));
    result.didProcess = true;
  };
  // Each place shows one card; the events are what the renderer objects to.
  window.showCards = (places, theme) => {
    document.documentElement.dataset.theme = theme;
    const main = document.querySelector('main');
    main.replaceChildren();
    return places.map(({ card, lang, width }) => {
      const context = new AdaptiveCards.SerializationContext(AdaptiveCards.Versions.v1_6);
      const adaptive = new AdaptiveCards.AdaptiveCard();
      adaptive.hostConfig = new AdaptiveCards.HostConfig(hosts[theme]);
      mentions = new Set((card.msteams?.entities ?? []).map((entity) => entity.text));
      adaptive.parse(card, context);
      const frame = document.createElement('div');
      frame.className = 'frame';
      frame.lang = lang;
      frame.style.width = `${width}px`;
      const drawn = adaptive.render();
      if (drawn) frame.append(drawn);
      main.append(frame);
      const events = [];
      for (let i = 0; i < context.eventCount; i++) {
        const { event, message } = context.getEventAt(i);
        events.push({ event: AdaptiveCards.ValidationEvent[event], message });
      }
      for (const { event, message } of adaptive.validateProperties().validationEvents) {
        events.push({ event: AdaptiveCards.ValidationEvent[event], message });
      }
      return { drawn: Boolean(drawn), events };
    });
  };
}

/**
 * Draws cards side by side, each {card, lang, width}, in place of the ones
 * before. Returns for each whether it was drawn and what the renderer said.
 */
export function show(page, places, theme) {
  return page.evaluate(([p, t]) => window.showCards(p, t), [places, theme]);
}

/** Texts that do not fit where they stand: buttons, labels, chosen values. */
export function cutTexts(page) {
  return page.evaluate(() => {
    const cut = [];
    const shown = (e) => e.getClientRects().length > 0;
    for (const e of document.querySelectorAll('.frame *')) {
      if (!shown(e)) continue;
      const style = getComputedStyle(e);
      const clips = style.overflowX !== 'visible' || e.classList.contains('ac-pushButton');
      const typed = e.matches('input, textarea, select');
      if (clips && !typed && e.scrollWidth > e.clientWidth) cut.push(`${e.className || e.tagName}: ${e.textContent.trim()}`);
    }
    const measure = document.createElement('canvas').getContext('2d');
    for (const select of document.querySelectorAll('.frame select')) {
      const style = getComputedStyle(select);
      measure.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - 16; // the arrow
      const text = select.selectedOptions[0]?.textContent ?? '';
      if (shown(select) && measure.measureText(text).width > room) cut.push(`choice: ${text}`);
    }
    for (const frame of document.querySelectorAll('.frame')) {
      const edge = frame.getBoundingClientRect().right;
      for (const e of frame.querySelectorAll('*')) {
        if (shown(e) && e.getBoundingClientRect().right > edge + 1) cut.push(`beyond the card: ${e.className || e.tagName} ${e.textContent.trim().slice(0, 60)}`);
      }
    }
    return [...new Set(cut)];
  });
}

/**
 * Where the Tab key does not go as one reads: on to something that stands above, or to
 * the left in the same line, and where an element asks for another place in the order.
 */
export function oddSteps(page) {
  return page.evaluate(() => {
    const name = (e) => e.getAttribute('aria-label') ?? (e.textContent.trim() || e.className);
    const odd = [];
    for (const frame of document.querySelectorAll('.frame')) {
      const stops = [...frame.querySelectorAll('a[href], button, input, select, textarea, [tabindex]')]
        .filter((e) => e.tabIndex >= 0 && !e.disabled && e.getClientRects().length > 0 && !e.classList.contains('ac-adaptiveCard'));
      odd.push(...stops.filter((e) => e.tabIndex > 0).map((e) => `asks for place ${e.tabIndex}: ${name(e)}`));
      stops.slice(1).forEach((e, i) => {
        if (stops[i].contains(e)) return; // a row that is a button holds what stands in it
        const [from, to] = [stops[i].getBoundingClientRect(), e.getBoundingClientRect()];
        const above = to.bottom <= from.top + 1 && to.left < from.right;
        const before = to.right <= from.left + 1 && to.top < from.bottom - 1 && to.bottom > from.top + 1;
        if (above || before) odd.push(`${name(stops[i])} goes back to ${name(e)}`);
      });
    }
    return odd;
  });
}

/**
 * What axe finds by WCAG A and AA: one line each. A row that is one button has
 * a spoken sentence for its name. axe wants the visible text in it, but joins
 * the row's lines without a blank, so that no sentence contains them.
 */
export function barriers(page) {
  return page.evaluate(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const { violations } = await window.axe.run('main', { runOnly: tags, resultTypes: ['violations'], preload: false, iframes: false });
    return violations.flatMap(({ id, help, nodes }) => nodes
      .filter(({ target }) => !(id === 'label-content-name-mismatch' && document.querySelector(target.at(-1))?.matches('div.ac-selectable')))
      .map(({ html }) => `${id}: ${help}: ${html.slice(0, 200)}`));
  });
}

/**
 * Tells whether something that the renderer said about a card may stay: its
 * own test of `lang` is a global regular expression, which refuses every second
 * card; sibling cards below buttons may use the same ids, which the tests
 * compare themselves; an unknown element may have a fallback.
 */
export function harmless({ event, message }, card) {
  if (message.includes('property "lang"')) return /^[a-z]{2,3}$/.test(card.lang);
  if (event === 'DuplicateId') return true;
  // Teams asks the bot for these choices while somebody types.
  if (event === 'CollectionCantBeEmpty') return [...objects(card)].some(([o]) => o.type === 'Input.ChoiceSet' && o['choices.data']);
  const unknown = /Unknown element type "?([^".\s]+(?:\.[^".\s]+)*)/.exec(message)?.[1];
  return event === 'UnknownElementType' && [...objects(card)].some(([o]) => o.type === unknown && o.fallback !== undefined);
}
