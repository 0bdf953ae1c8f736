// What people do at three in the morning: wrong words, double clicks, cards of an
// hour ago, two forms at once, another language, a bot that restarts under their hands.
import assert from 'node:assert/strict';
import { inPlayground } from './story.mjs';

inPlayground('at night', (story) => {
  story('wrong words are told the nearest one, or what is missing', async ({ desk }) => {
    const chat = await desk.personal();
    for (const [words, answer] of [
      ['nwe', 'Did you mean “new”?'],
      ['stauts 1', 'Did you mean “status”?'],
      ['it is broken', 'I do not know “it”. For a new request, type: new.'],
      ['file', 'Which request? Type its number, such as: file SR-1'],
      ['status 99', 'There is no request with this number.'],
      ['yes', 'You have no open form here.'],
    ]) {
      await chat.say(words);
      await chat.text(answer);
    }
  });

  story('two forms at once: the second place has it, the first one is closed', async ({ desk }) => {
    const chat = await desk.personal();
    const first = await chat.answer('new alpine ems C Phones do not enroll', 'Alpine Ski House · EMS');
    const second = await chat.answer('/new', 'Step 2 of 3');
    await first.says('Your form is in a message below.');
    assert.equal(await second.typed(/^Title/), 'Phones do not enroll');
  });

  story('the wrong Contoso and the wrong platform, changed half way', async ({ desk }) => {
    const chat = await desk.personal();
    const form = await chat.card('Step 2 of 3');
    await form.press('Cancel');
    await form.says('Form cancelled');
    const again = await chat.answer('new contoso azure C Phones do not enroll', 'It fits');
    const offered = await again.options('Customer');
    assert.equal(offered.filter((title) => title.startsWith('Contoso Ltd')).length, 2, String(offered));
    await again.choose('Customer', 'Another customer…');
    await again.press('Next');
    await again.lacks('It fits');
    await again.search('Customer', 'tailspin', /Tailspin Toys/);
    await again.press('Next');
    await again.says('Tailspin Toys · Azure');
    await again.press('More details');
    assert.ok((await again.options(/^Topic/)).includes('Virtual Machines'));
    await again.press('Back');
    await again.says('Step 1 of 3');
    await again.choose('Platform', 'EMS (Intune)');
    await again.press('Next');
    await again.says('Tailspin Toys · EMS');
    await again.press('More details');
    assert.ok((await again.options(/^Topic/)).includes('Intune'));
  });

  story('help in the middle, the bot killed under the press, then a double click', async ({ bot, desk }) => {
    const chat = await desk.personal();
    const form = await chat.card('Step 2 of 3');
    await chat.answer('help', 'What do you need?');
    await form.fill(/^What happened/, 'Since noon.');
    await bot.kill();
    await form.press('Next');
    await bot.start();
    await form.press('Next');
    await form.says('Check and submit');
    await form.pressTwice('Submit');
    await form.says('SR-1 · Open');
    await (await chat.answer('list', 'My requests')).says('1–1 of 1');
  });

  story('a card of an hour ago says what has changed, and changes nothing', async ({ desk }) => {
    const chat = await desk.personal();
    const old = await chat.answer('status 1', 'SR-1 · Open');
    await chat.answer('take 1', /SR-1 · Open.*Assigned to ?Ines Kowal/);
    await old.press('Take over');
    await old.says('Changed since you saw this.');
    await old.says('Your press on “Take over” changed nothing.');
    await old.says('File with Microsoft');
  });

  story('по-русски: всё словами, с ошибкой, назад и отменой', async ({ desk }) => {
    const chat = await desk.personal();
    await chat.say('language ru');
    await chat.text('Теперь я говорю с вами по-русски.');
    await chat.say('нвый');
    await chat.text('Вы имели в виду «новый»?');
    const form = await chat.answer('новый alpine azure В ВМ не запускаются', 'Шаг 2 из 3');
    await form.says('Alpine Ski House · Azure');
    await chat.say('С утра, в двух регионах');
    await chat.text('На этом шаге больше ничего не нужно.');
    await chat.say('да');
    await form.says('Проверьте и отправьте');
    await chat.say('назад');
    await form.says('Шаг 2 из 3');
    assert.equal(await form.typed(/^Что случилось/), 'С утра, в двух регионах');
    await chat.say('отмена');
    await form.says('Форма отменена');
  });

  story('auf Deutsch: Schweregrad A mit deutschem Support, mit Knöpfen', async ({ desk }) => {
    const chat = await desk.personal();
    await chat.say('sprache de');
    await chat.text('Ab jetzt spreche ich Deutsch mit Ihnen.');
    const form = await chat.answer('neu adventure-works m365', 'Schritt 1 von 3');
    await form.pick(/^A/);
    await form.choose('Supportsprache', /^Deutsch/);
    await form.press('Weiter');
    await form.says('Schritt 2 von 3');
    await form.fill(/^Titel/, 'Outlook startet nicht');
    await form.fill(/^Was ist passiert/, 'Überall, seit 8 Uhr.');
    await form.press('Weiter');
    await form.says('Erste Antwort fällig (Schätzung)');
    await form.says('Die veröffentlichte Frist für Schweregrad A gilt nicht.');
    await form.tick('Jemand von uns ist für Microsoft rund um die Uhr erreichbar');
    await form.press('Senden');
    await form.says('SR-2 · Offen');
    await form.says('A · Kritisch');
  });
});
