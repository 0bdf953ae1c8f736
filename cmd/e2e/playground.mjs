// Microsoft 365 Agents Playground as a person sees it: start it, open a chat,
// say something, fill a card, press a button.
//
// How its page (0.2.28) behaves, for whoever has to mend this:
//
// - It keeps nothing: a reload, or a second page, shows empty conversations,
//   while the Playground's server goes on knowing the messages' ids. So one page
//   lives as long as one story. The bot may come and go meanwhile.
// - Opening the page, and the first visit to each conversation, sends the bot an
//   installationUpdate (`from` without a name) and a conversationUpdate; a bot
//   that greets does so then.
// - Conversations are `treeitem`s named "Personal Chat", by the group chat's
//   name, and "TEAM - CHANNEL". The last message's text joins the item's name,
//   so names are matched at their beginning. A click on the one that is shown
//   draws it anew, as each new message does, and what was typed into its cards is gone.
// - The box to type in is a Lexical editor with role textbox and no name: the
//   last one on the page in chats, the first one in channels, where it starts a
//   new post. Enter sends. The newest post stands on top, each post is a
//   `group` with a box of its own for answers; an answer goes to
//   "CHANNEL;messageid=POST".
// - Outside the personal chat the bot gets only what mentions it. Typing "@"
//   opens the listbox "Typeahead menu" with menuitems; a click on one inserts
//   the mention. Typing the name instead of clicking, and Enter, sends the text.
// - Cards are drawn by Microsoft's renderer, with Fluent controls: a card stands in
//   .ac-preview-panel (a card below a button is an .ac-adaptiveCard inside it).
//   Input ids are not in the page, so inputs are found by their labels. Compact
//   and filtered lists are comboboxes whose options appear at the end of the
//   body, those of filtered ones once something is typed (a blank is swallowed). When a card
//   is replaced, a list at the same place goes on with the old choices, unless its key differs.
//   Toggles are checkboxes, expanded choices are radios named by their title.
// - Buttons that open a page have the role link.
// - "…" is a button named "More options"; its entries are menuitems at the end of
//   the body.
// - The answer to Action.Execute replaces the card in place. A message answer
//   (application/vnd.microsoft.activity.message) breaks the drawn card.
// - Typeahead and refresh are not supported; a yellow line below the card says so. Nor do
//   buttons of cards open dialogs. Any activity can be given to its server to deliver (deliver()),
//   which keeps the bot's HTTP answer to itself.
// - Message extensions are in the menu of a button named "Trigger Message Extension App" beside the box
//   to type in, and in that of "Show more information" on each message. It knows no app package, so it asks
//   for the command's id first. Of the message it sends the whole payload with every press, not with the first alone.
// - Its style sheet fetches fonts from the network; here all but localhost is cut off.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { lineOf } from './process.mjs';

const require = createRequire(import.meta.url);
const people = fileURLToPath(new URL('../onbehalf/playground/people.yml', import.meta.url));

/**
 * Starts the Playground for the bot at botURL, with the sample people of the
 * demo, on a free port. Returns its address and close().
 */
export async function startPlayground(botURL) {
  const dir = mkdtempSync(path.join(tmpdir(), 'onbehalf-playground-'));
  copyFileSync(people, path.join(dir, '.m365agentsplayground.yml'));
  const cli = path.join(path.dirname(require.resolve('@microsoft/m365agentsplayground/package.json')), 'cli.js');
  const child = spawn(process.execPath, [cli, 'start', '-e', botURL, '-c', 'msteams', '-p', '0', '--dt'], {
    cwd: dir,
    env: { ...process.env, TEAMSAPPTESTER_BROWSER: 'none' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const close = async () => {
    child.kill();
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
  process.once('exit', () => child.kill('SIGKILL'));
  try {
    const [, port] = await lineOf(child, /Listening on (\d+)/, 30_000);
    return { url: `http://localhost:${port}`, close };
  } catch (err) {
    await close();
    throw err;
  }
}

/** Opens the Playground's page and returns its conversations. */
export async function openPlayground(browser, url) {
  const page = await browser.newPage({ viewport: { width: 1300, height: 1400 } });
  page.setDefaultTimeout(30_000);
  // Pages that a button opens are empty here; of everything else only what is on this machine gets through.
  await page.context().route((u) => u.hostname !== 'localhost', (route) => (
    route.request().isNavigationRequest() ? route.fulfill({ contentType: 'text/html', body: '' }) : route.abort()));
  await page.goto(url, { timeout: 60_000 });
  await page.getByRole('treeitem', { name: /^Personal Chat/ }).waitFor();
  await page.getByRole('button', { name: 'Hide log panel' }).click();
  let shown;
  const open = async (name, how) => {
    if (String(name) !== String(shown)) await page.getByRole('treeitem', { name }).click();
    shown = name;
    return openChat(page, how);
  };
  return {
    page,
    personal: () => open(/^Personal Chat/, { bot: false }),
    group: () => open(/^Desk chat/, { bot: true }),
    channel: () => open(/^CSP Desk - Alerts/, { bot: true, posts: true }),
    /** An invoke of Ines Kowal's in the group chat, as Teams sends it. */
    invoke: (name, value) => ({
      type: 'invoke', name, value, id: `f:${randomUUID()}`, channelId: 'msteams', serviceUrl: `${url}/_connector`, locale: 'en-US',
      from: { id: '29:ines', name: 'Ines Kowal', aadObjectId: 'b4c1f3de-0d4b-4c0f-9a51-7c2b3c9f1a22' },
      recipient: { id: '28:4f1d2a6e-7b0c-4d5e-9a43-0c5b6f2d8e11', name: 'Onbehalf' },
      conversation: { conversationType: 'groupChat', isGroup: true, id: '19:group@thread.v2', tenantId: '7d0b2f3e-6f0f-4a6d-8f3c-2c1b9a7e4d55' },
      channelData: { tenant: { id: '7d0b2f3e-6f0f-4a6d-8f3c-2c1b9a7e4d55' } },
    }),
    /** Lets the Playground deliver an activity to the bot, such as one that its page cannot send. */
    async deliver(activity) {
      const { status } = await fetch(new URL('/_internal/v1/customActivities', url), {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(activity),
      });
      if (status !== 200) throw new Error(`the Playground answered ${status}`);
    },
    // Without the log, which a warning brings back.
    visible: async () => (await page.locator('body').innerText()).replace(/^\[\d.*$/gm, '').replace(/\n+/g, '\n').slice(-6000),
  };
}

/** Folder that takes a picture of each thing that was waited for; empty for none. */
const album = process.env.ONBEHALF_PICTURES;
let pictures = 0;

async function picture(place, what) {
  if (!album) return;
  mkdirSync(album, { recursive: true });
  pictures += 1;
  const name = `${String(pictures).padStart(3, '0')} ${String(what)}`.replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 50);
  await place.screenshot({ path: path.join(album, `${name}.png`) });
}

async function openChat(page, { bot, posts }) {
  const box = posts ? page.getByRole('textbox').first() : page.getByRole('textbox').last();
  await box.waitFor();
  const send = page.getByRole('button', { name: posts ? 'Post' : 'Send Message', exact: true });
  return new Chat(page, page, { box, send, bot, posts });
}

/** A conversation, or one thread of a channel. */
class Chat {
  constructor(page, area, how) {
    Object.assign(this, { page, area, how });
  }

  /** Sends words, with the bot mentioned where that is needed. */
  say(words) {
    return this.write(words, this.how.bot);
  }

  /** Sends words that are for people, unless the bot is mentioned. */
  async write(words, mention = false) {
    const { box, send } = this.how;
    await box.click();
    if (mention) {
      await this.page.keyboard.type('@');
      await this.page.getByRole('listbox', { name: 'Typeahead menu' })
        .getByRole('menuitem').filter({ has: this.page.getByRole('img', { name: 'Onbehalf' }) }).click();
      await this.page.keyboard.type(' ');
    }
    await this.page.keyboard.insertText(words);
    await send.click();
  }

  /** Opens an action of the message extension from the box to type in, and gives the dialog's card. */
  async compose(command) {
    await this.extend('Action Command');
    return this.command(command);
  }

  /** Opens an action of the message extension on the newest message with this text. */
  async onMessage(text, command) {
    await this.area.getByText(text).last().waitFor();
    await this.page.getByRole('button', { name: 'Show more information' }).last().click();
    await this.page.getByRole('menuitem', { name: 'Action Command' }).click();
    return this.command(command);
  }

  /** Pastes an address into a message, and gives the card that it unfolds to, with send(). */
  async paste(address) {
    await this.extend('Link Unfurling');
    const dialog = this.page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Enter an URL' }).fill(address);
    return {
      card: new Card(this.page, dialog.locator('.ac-preview-panel')),
      send: () => dialog.getByRole('button', { name: 'Send to Conversation' }).click(),
    };
  }

  async extend(kind) {
    await this.page.getByRole('button', { name: 'Trigger Message Extension App' }).last().click();
    await this.page.getByRole('menuitem', { name: kind }).click();
  }

  async command(id) {
    const dialog = this.page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Command ID' }).fill(id);
    await dialog.getByRole('button', { name: 'Create' }).click();
    return new Dialog(this.page, dialog);
  }

  /** The thread of the newest post in which the text stands. */
  async thread(text) {
    const post = this.area.getByRole('group').filter({ has: this.page.getByRole('textbox') }).filter({ hasText: text }).first();
    await post.waitFor();
    return new Chat(this.page, post, {
      box: post.getByRole('textbox').last(), send: post.getByRole('button', { name: 'Send Message' }), bot: true,
    });
  }

  /** Says something that is answered by one card, and gives that card, once the text is in it. */
  async answer(words, text) {
    const cards = this.area.locator('.ac-preview-panel');
    const place = cards.nth(await cards.count());
    await this.say(words);
    return new Card(this.page, place).says(text);
  }

  /**
   * The newest card with the text in it, once it is there. The same object goes
   * on meaning that place when the card is replaced.
   */
  async card(text) {
    const cards = this.area.locator('.ac-preview-panel');
    const pattern = text instanceof RegExp ? text : new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i');
    for (;;) {
      await cards.filter({ hasText: pattern }).first().waitFor();
      // By its place, so that a press that changes the text does not lose it.
      const places = await cards.evaluateAll((all, [source, flags]) => all.flatMap((card, i) => (
        new RegExp(source, flags).test(card.textContent.replace(/\s+/g, ' ')) ? [i] : [])), [pattern.source, pattern.flags]);
      // None: the card was replaced just now.
      if (places.length > 0) {
        const card = new Card(this.page, cards.nth(this.how.posts ? places[0] : places.at(-1)));
        await picture(card.place, text);
        return card;
      }
    }
  }

  /** Waits for text of the bot outside cards, and anywhere else. */
  async text(text) {
    await this.area.getByText(text).last().waitFor();
    await picture(this.page, text);
  }
}

/** A card in a conversation. Labels and titles are texts or regular expressions. */
class Card {
  constructor(page, place) {
    Object.assign(this, { page, place });
  }

  /** Waits until the card says this. */
  async says(text) {
    await this.place.filter({ hasText: text }).waitFor();
    await picture(this.place, text);
    return this;
  }

  async fill(label, text) {
    await this.place.getByRole('textbox', { name: label }).fill(text);
    return this;
  }

  /** What stands in a text field. */
  typed(label) {
    return this.place.getByRole('textbox', { name: label }).inputValue();
  }

  /** Takes an option of a list. */
  async choose(label, option) {
    await this.place.getByRole('combobox', { name: label }).click();
    await this.page.getByRole('option', { name: option }).click();
    return this;
  }

  /** What a list offers. */
  async options(label) {
    const list = this.place.getByRole('combobox', { name: label });
    await list.click();
    await this.page.getByRole('option').first().waitFor();
    const all = await this.page.getByRole('option').allTextContents();
    await list.click();
    return all;
  }

  /** Types into a list that filters, which shows nothing before, and takes an option. */
  async search(label, words, option) {
    await this.place.getByRole('combobox', { name: label }).pressSequentially(words);
    await this.page.getByRole('option', { name: option }).click();
    return this;
  }

  /** Takes one of the choices that stand on the card itself. */
  async pick(title) {
    await this.place.getByRole('radio', { name: title }).check();
    return this;
  }

  /** Whether one of the choices that stand on the card is taken. */
  picked(title) {
    return this.place.getByRole('radio', { name: title }).isChecked();
  }

  /** Waits until the card does not say this any more. */
  async lacks(text) {
    await this.place.filter({ hasNotText: text }).waitFor();
    return this;
  }

  async tick(title) {
    await this.place.getByRole('checkbox', { name: title }).check();
    return this;
  }

  /** Presses a button, or a row that is one. */
  async press(title) {
    await this.place.getByRole('button', { name: title }).click();
    return this;
  }

  /** Presses a button twice, as fast as a finger does. */
  async pressTwice(title) {
    await this.place.getByRole('button', { name: title }).dblclick();
    return this;
  }

  /** Presses a button that opens a page, and gives the page's address. */
  async opens(title) {
    const [opened] = await Promise.all([
      this.page.context().waitForEvent('page'),
      this.place.getByRole('link', { name: title }).click(),
    ]);
    await opened.waitForURL(/^https:/);
    const address = opened.url();
    await opened.close();
    return address;
  }

  /** Presses an entry behind "…". */
  async pressBehind(title) {
    await this.place.getByRole('button', { name: 'More options' }).last().click();
    await this.page.getByRole('menuitem', { name: title }).click();
    return this;
  }

  /** Names of the buttons that can be seen. */
  buttons() {
    return this.place.getByRole('button').evaluateAll((all) => all.map((b) => b.getAttribute('aria-label') ?? b.textContent));
  }

  /** The sheet for a portal from top to bottom, "FIELD: VALUE", whether chosen there or pasted. */
  async sheet() {
    await this.place.getByText(/^(Choose|Paste): /).first().waitFor();
    return this.place.evaluate((card) => {
      const value = (label) => document.getElementById(label.htmlFor).value;
      const lines = [];
      for (const line of card.querySelectorAll('[id^="__ac-"], label')) {
        const [, how, field] = /^(Choose|Paste): (.*)$/.exec(line.firstElementChild?.textContent.trim() ?? '') ?? [];
        if (how) lines.push(`${field}: ${how === 'Paste' ? value(line) : line.lastElementChild.textContent}`);
      }
      return lines;
    });
  }

  async content() {
    return (await this.place.innerText()).replace(/\s+/g, ' ');
  }
}

/** A dialog of the message extension. Its card is replaced by each answer, at last by a line. */
class Dialog extends Card {
  constructor(page, dialog) {
    super(page, dialog.locator('.ac-preview-panel'));
    this.dialog = dialog;
  }

  /**
   * Waits until the answer to Submit has replaced the form, and closes the dialog. Its closing
   * line is not waited for: where the request's card comes into the chat before the Playground
   * has drawn that line, it stays blank.
   */
  async ends() {
    await this.place.getByRole('button', { name: 'Submit' }).waitFor({ state: 'hidden' });
    await picture(this.dialog, 'end of a dialog');
    await this.close();
  }

  /** Closes it with the cross, of which Teams tells nobody. */
  async close() {
    await this.dialog.getByRole('button', { name: 'Close' }).click();
    await this.dialog.waitFor({ state: 'hidden' });
  }
}
