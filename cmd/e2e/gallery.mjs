// Writes a picture of every sample card into gallery/, light and dark, at 560
// and 320 px, with the cards that open below its buttons; gallery/index.html
// shows all of them. The folder is not kept in git.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from './browser.mjs';
import { foldedCards, howToMake, sampleCards } from './samples.mjs';
import { openPage, show, themes, widths } from './renderer.mjs';

const gallery = fileURLToPath(new URL('gallery', import.meta.url));
const cards = sampleCards();
if (cards.length === 0) {
  console.error(howToMake);
  process.exit(1);
}
rmSync(gallery, { recursive: true, force: true });

const browser = await launch();
try {
  const page = await openPage(browser);
  for (const { name, lang, card } of cards) {
    const parts = [card, ...foldedCards(card)];
    const places = [...widths].reverse().flatMap((width) => parts.map((part) => ({ card: part, lang, width })));
    for (const theme of themes) {
      await show(page, places, theme);
      const file = path.join(gallery, picture(name, theme));
      mkdirSync(path.dirname(file), { recursive: true });
      await page.locator('main').screenshot({ path: file });
    }
  }
} finally {
  await browser.close();
}
writeFileSync(path.join(gallery, 'index.html'), index());
console.log(`${cards.length} cards in ${path.join(gallery, 'index.html')}`);

function picture(name, theme) {
  return `${name}.${theme}.png`;
}

function index() {
  const sections = cards.map(({ name }) => `<h2>${name}</h2>\n${themes.map((theme) => `<img loading="lazy" alt="${name}, ${theme}" src="${picture(name, theme)}">`).join('\n')}`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Cards of onbehalf</title>
<style>body { font: 14px sans-serif; margin: 24px } img { max-width: 100%; display: block; margin: 8px 0 }</style></head>
<body><h1>Cards of onbehalf</h1>
${sections.join('\n')}
</body></html>
`;
}
