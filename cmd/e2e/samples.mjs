// The sample cards of the Go tests: every card that the bot can send, as JSON.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the cards: what `npm run cards` writes, or what CARDS names. */
const folder = path.resolve(process.env.CARDS ?? fileURLToPath(new URL('cards', import.meta.url)));

/** What is to be said when there is no card. */
export const howToMake = `no card in ${folder}; "npm run cards" in cmd/e2e writes them into its folder "cards"`;

/**
 * All cards below the folder, sorted: {name, lang, card}; none where there is no
 * folder. Files are called NAME.LANG.json; a card's own `lang` counts when the
 * file names none.
 */
export function sampleCards() {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true }).map(String).filter((f) => f.endsWith('.json')).sort();
  return files.map((file) => {
    const card = JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
    const name = file.slice(0, -'.json'.length).split(path.sep).join('/');
    const lang = /\.(en|ru|de)$/.exec(name)?.[1] ?? card.lang ?? 'en';
    return { name, lang, card };
  });
}

/** All objects of a card, the card itself first; their parents as second value. */
export function* objects(value, above = []) {
  if (value === null || typeof value !== 'object') return;
  if (!Array.isArray(value)) yield [value, above];
  for (const [key, inner] of Object.entries(value)) {
    if (key !== 'data') yield* objects(inner, Array.isArray(value) ? above : [...above, value]); // data is ours, not the card's
  }
}

/**
 * The cards that open below buttons, each as a card of its own in the colours
 * of the place where it opens. They are as wide as the card around them.
 */
export function foldedCards(card) {
  const folded = [];
  for (const [o] of objects(card)) {
    if (o.type !== 'Action.ShowCard') continue;
    folded.push({ ...card, body: [{ type: 'Container', style: 'emphasis', bleed: true, items: o.card.body }], actions: o.card.actions });
  }
  return folded;
}
