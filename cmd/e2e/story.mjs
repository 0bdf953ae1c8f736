// What the stories told in the Playground have in common: a bot with a database of
// its own, a Playground, a browser, and what the page shows when one fails.
// ONBEHALF_PICTURES names a folder for pictures of each step.
import { after, before, describe, test } from 'node:test';
import { newBot } from './bot.mjs';
import { launch } from './browser.mjs';
import { openPlayground, startPlayground } from './playground.mjs';

/**
 * Tells stories one after the other; each goes on where the last one ended.
 * tell gets story(name, told), and told gets the bot and the desk's conversations.
 * settings are environment variables of the bot.
 */
export function inPlayground(name, tell, settings) {
  describe(name, { timeout: 600_000 }, () => {
    let bot;
    let playground;
    let browser;
    let desk;
    before(async () => {
      bot = await newBot(settings);
      await bot.start();
      playground = await startPlayground(bot.url);
      browser = await launch();
      desk = await openPlayground(browser, playground.url);
    });
    after(async () => {
      await browser?.close();
      await playground?.close();
      await bot?.remove();
    });

    // A failed test tells what the page shows: there is no other way to look at it.
    // Those after it would only wait for what does not come.
    let failed;
    tell((story, told) => test(story, async () => {
      if (failed) throw new Error(`not told, because “${failed}” failed`);
      try {
        await told({ bot, desk });
      } catch (err) {
        failed = story;
        throw new Error(`${err.message}\n\nThe page shows:\n${await desk.visible()}`, { cause: err });
      }
    }));
  });
}
