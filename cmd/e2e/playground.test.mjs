// The main job in Microsoft's own Playground: requests filed from the personal
// chat, a group chat and a channel, found again after the bot was killed, and
// one worked from open to closed; then dialogs of the message extension, and links.
// Each test goes on where the last one ended.
import assert from 'node:assert/strict';
import { objects } from './samples.mjs';
import { inPlayground } from './story.mjs';

const title = 'VMs *do not* start';

inPlayground('the main job', (story) => {
  story('the bot greets and says what to type', async ({ desk }) => {
    const chat = await desk.personal();
    await chat.card('New request');
  });

  story('personal chat: a whole intake with a mistake on the way and the bot killed in the middle', async ({ bot, desk }) => {
    const chat = await desk.personal();
    const form = await chat.answer('new', 'Step 1 of 3');
    await form.search('Customer', 'Contoso', /obhcontoso\.onmicrosoft/);
    await form.choose('Platform', 'Azure');
    await form.pick(/^B/);

    await bot.kill();
    await bot.start();
    await form.press('Next');

    await form.says('Step 2 of 3');
    await form.fill(/^Title/, title);
    await form.choose(/^Azure subscription/, /9dfb369b/);
    await form.fill(/^What you tried/, 'Another size.');
    await form.press('Next');

    await form.says('(fix this)');
    assert.equal(await form.typed(/^Title/), title, 'what was typed is lost');
    assert.equal(await form.typed(/^What you tried/), 'Another size.');
    assert.equal(await form.typed(/^What happened.*fix this/), '');
    await form.fill(/^What happened/, 'West Europe, since 8:40.\nAllocationFailed.');
    await form.press('Next');

    await form.says('Check and submit');
    await form.says('First response due');
    await form.press('Submit');
    await form.says('SR-1 · Open');
    const card = await form.content();
    for (const words of ['B · Moderate', title, 'Contoso Ltd', 'Azure', 'First response due', 'Nobody yet', 'Ines Kowal', 'AllocationFailed']) {
      assert.ok(card.includes(words), `${words} is not on the card: ${card}`);
    }
  });

  story('channel: an intake typed in one line, filed by words', async ({ desk }) => {
    const channel = await desk.channel();
    await channel.say('new fabrikam-residences office365 C Mail is late');
    const thread = await channel.thread('Mail is late');
    const form = await thread.card('Step 2 of 3');
    assert.equal(await form.typed(/^Title/), 'Mail is late');
    await form.fill(/^What happened/, 'Between two and five minutes.');
    await form.press('Next');
    await form.says('Check and submit');
    await form.press('Submit');
    await form.says('SR-2 · Open');
  });

  story('group chat: a form can be left', async ({ desk }) => {
    const group = await desk.group();
    await group.say('new');
    const form = await group.card('Step 1 of 3');
    await form.press('Cancel');
    await form.says('Form cancelled');
  });

  story('status, list and find show it again after a restart', async ({ bot, desk }) => {
    assert.equal(await bot.stop(), 0, 'the bot does not end in good order');
    await bot.start();
    const chat = await desk.personal();
    await (await chat.answer('status SR-1', 'SR-1 · Open')).says(title);
    const list = await chat.answer('list', 'My requests');
    await list.says('SR-1');
    await list.says('SR-2');
    const found = await chat.answer('find allocationfailed', 'Found for');
    await found.says('SR-1');
    await found.press(/SR-1\b/);
    await found.says('SR-1 · Open');
  });

  story('a request is worked from open to closed', async ({ desk }) => {
    const chat = await desk.personal();
    const card = await chat.answer('status 1', 'SR-1 · Open');
    await card.press('Take over');
    await card.says('Ines Kowal (you)');

    await chat.answer('file 1 2611230010000417', 'SR-1 · Filed');
    const filed = await chat.answer('status 1', 'SR-1 · Filed');
    await filed.says('2611230010000417');
    await filed.press('Microsoft answered');
    await filed.fill(/^What did Microsoft answer/, 'They look into it.');
    await filed.press('Note the answer');
    await filed.says('SR-1 · In progress');
    await filed.says('✓ Microsoft answered');

    await filed.press('Wait');
    await filed.pick('The customer');
    await filed.fill(/^What for/, 'serial console log');
    await filed.press('Set to waiting');
    await filed.says('SR-1 · Waiting');
    await filed.press('Customer answered');
    await filed.fill(/^What did they say/, 'log is attached to the case');
    await filed.press('Go on working');
    await filed.says('SR-1 · In progress');

    await filed.press('Resolve');
    await filed.fill(/^What solved it/, 'Microsoft moved the allocation.');
    await filed.press('Mark as resolved');
    await filed.says('SR-1 · Resolved');
    await filed.press('Yes, told: close');
    await filed.says('SR-1 · Closed');

    const closed = await chat.answer('status 1', 'SR-1 · Closed');
    await closed.pressBehind('Full history');
    await closed.says('serial console log');
  });

  story('the form as a dialog from the box to type in: a mistake, closed, gone on with, filed', async ({ desk }) => {
    const chat = await desk.personal();
    let form = await chat.compose('new');
    await form.says('Step 1 of 3');
    await form.search('Customer', 'Contoso', /obhcontoso\.onmicrosoft/);
    await form.choose('Platform', 'Microsoft 365');
    await form.pick(/^C/);
    await form.press('Next');
    await form.says('Step 2 of 3');
    await form.fill(/^Title/, 'Mail is slow');
    await form.press('Next');
    await form.says('(fix this)');
    await form.close();

    form = await chat.compose('new');
    await form.says('unfinished form');
    await form.press('Go on');
    await form.says('Step 2 of 3');
    assert.equal(await form.typed(/^Title/), 'Mail is slow', 'what was typed is lost with the dialog');
    await form.fill(/^What happened/, 'Since noon.');
    await form.press('Next');
    await form.says('Check and submit');
    await form.press('Submit');
    await form.ends();
    await chat.card('SR-3 · Open');
  });

  story('a message becomes a request, with its words and who wrote them', async ({ desk }) => {
    const group = await desk.group();
    await group.write('Our VPN is down, for everybody.');
    const form = await group.onMessage('Our VPN is down', 'file');
    await form.says('Step 1 of 3');
    await form.search('Customer', 'Tailspin', /obhtailspin/);
    await form.choose('Platform', 'Microsoft 365');
    await form.pick(/^C/);
    await form.press('Next');
    await form.says('Step 2 of 3');
    assert.equal(await form.typed(/^Title/), 'Our VPN is down, for everybody.');
    assert.match(await form.typed(/^What happened/), /Ines Kowal.*\n.*Our VPN is down, for everybody\./);
    await form.press('Next');
    await form.says('Check and submit');
    await form.press('Submit');
    await form.ends();
    await group.card('SR-4 · Open');
  });

  story('a link unfolds into the card of its request', async ({ bot, desk }) => {
    const group = await desk.group();
    const { card, send } = await group.paste('https://onbehalf.example.org/t/SR-4');
    await card.says('SR-4 · Open');
    await send();
    const unknown = await bot.answer(desk.invoke('composeExtension/queryLink', { url: 'https://onbehalf.example.org/t/SR-99' }));
    assert.deepEqual(unknown, { status: 200, body: undefined });
  });

  story('what the Playground’s page cannot send: a dialog of a card, typeahead, nonsense', async ({ bot, desk }) => {
    const found = await bot.answer(desk.invoke('application/search', { queryText: 'tailspin', dataset: 'customers', queryOptions: { skip: 0, top: 15 } }));
    assert.deepEqual(found.body.value.results.map((r) => r.title), ['Tailspin Toys · obhtailspin.onmicrosoft.com']);
    for (const [name, value] of [['task/submit', 7], ['composeExtension/fetchTask', null], ['adaptiveCard/action', []], ['message/submitAction', {}]]) {
      await desk.deliver(desk.invoke(name, value));
    }
    const { body } = await bot.answer(desk.invoke('task/fetch', { data: { verb: 'intake/start', msteams: { type: 'task/fetch' } } }));
    assert.equal(body.task.type, 'continue');
    assert.equal(body.task.value.card.content.type, 'AdaptiveCard');
    const submit = [...objects(body.task.value.card.content)].map(([o]) => o).find((o) => o.type === 'Action.Submit' && o.title === 'Next');
    const tailspin = found.body.value.results[0].value;
    await desk.deliver(desk.invoke('task/submit', { data: { ...submit.data, customer: tailspin, platform: 'office365', kind: 'technical', severity: 'C' } }));
    const group = await desk.group();
    await group.say('new'); // the dialog is gone, and its form is not
    const form = await group.card('Step 2 of 3');
    await form.says('Tailspin Toys · Microsoft 365 · severity C');
    await form.press('Cancel');
    await form.says('Form cancelled');
  });
}, { PUBLIC_URL: 'https://onbehalf.example.org' });
