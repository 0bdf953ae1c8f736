// The Office 365 branch from "new" to closed, most of it typed: a customer whose
// administrative relationship has ended, the topic, the sheet for the admin center,
// the page opened as a partner, Microsoft's number, and what follows in words.
import assert from 'node:assert/strict';
import { inPlayground } from './story.mjs';

const customer = 'Litware, Inc.';
const tenant = 'da8f3fe2-9280-4a2e-9534-53fd735771b2';
const number = '2611230010000428';
const mine = /SR-1 · Open.*Assigned to ?Ines Kowal/;
const asPartner = `https://portal.office.com/Partner/BeginClientSession.aspx?CTID=${tenant}&CSDEST=`;

inPlayground('the Office 365 branch', (story) => {
  story('one line, and what it left open typed too', async ({ desk }) => {
    const chat = await desk.personal();
    const form = await chat.answer('new litware o365 B Outlook asks for a password', `${customer} · Microsoft 365 · severity B`);
    assert.equal(await form.typed(/^Title/), 'Outlook asks for a password');
    assert.ok(!(await form.content()).includes('Azure subscription'), 'a subscription is asked for');
    await chat.say('Everybody since nine, again and again.');
    await chat.text('Nothing more is needed on this step. To go on, type: yes');
    assert.equal(await form.typed(/^What happened/), 'Everybody since nine, again and again.');
    await chat.say('yes');
    await chat.text('To submit, type: yes');
    await form.says('Check and submit');
  });

  story('review: what was left out is added, that the relationship has ended stays', async ({ desk }) => {
    const chat = await desk.personal();
    const form = await chat.card('Check and submit');
    await form.says('Left empty: What you tried');
    await form.press('Back');
    await form.says('Step 2 of 3');
    assert.equal(await form.opens('Open service health'), `${asPartner}ServiceStatus`);
    assert.deepEqual((await form.options(/^Topic/)).slice(0, 3), ['Exchange Online', 'SharePoint, OneDrive', 'Teams']);
    await form.choose(/^Topic/, 'Exchange Online');
    await form.fill(/^What you tried/, 'Another profile.');
    await form.choose(/^Why does it go to Microsoft/, 'Bug in look or operation');
    await form.choose(/^Service health checked/, 'Checked, nothing reported');
    await form.press('Next');
    await form.says('Check and submit'); // the step before warns in the same words
    await form.says(`The admin relationship with ${customer} ended on`);
    const review = await form.content();
    assert.ok(!review.includes('Left empty'), review);
    assert.ok(review.includes('Neither you nor the customer pays for this request'), review);
    await form.press('Submit');
    await form.says('SR-1 · Open');
  });

  story('the sheet: opened as the customer’s partner, and as one plain text', async ({ desk }) => {
    const chat = await desk.personal();
    const card = await chat.answer('take 1', mine);
    await card.press('File with Microsoft');
    await card.says(`Check that the directory at top right shows ${customer} (obhlitware.onmicrosoft.com)`);
    assert.equal(await card.opens('Open in admin center'), `${asPartner}Support`);
    const sheet = await card.sheet();
    assert.deepEqual(sheet.map((line) => line.split(':')[0]), [
      'Topic', 'Problem type', 'Title', 'Description', 'Severity', 'Contact method', 'Contact name', 'E-mail (yours, never the customer’s)', 'Support language']);
    assert.deepEqual([sheet[0], sheet[3]], ['Topic: Exchange Online',
      'Description: Everybody since nine, again and again.\nTried: Another profile.\nService health: checked, nothing reported\nOur reference: SR-1']);
    await card.press('As plain text');
    await chat.text(`Directory must show: ${customer}`);
  });

  story('Microsoft’s number in words: too short, then right', async ({ desk }) => {
    const chat = await desk.personal();
    const card = await chat.answer('file 1 12345', 'SR-1 · Microsoft’s number');
    await card.says('5 digits; a Microsoft case number has 7 to 20.');
    await card.fill(/case number/, `SR ${number}`);
    await card.press('Save number');
    await card.says('SR-1 · Filed');
    await card.says(number);
  });

  story('the rest in words, until the customer is told', async ({ desk }) => {
    const chat = await desk.personal();
    await chat.answer('respond 1 They see it too.', 'SR-1 · In progress');
    await chat.answer('wait 1 Litware, for the headers', 'SR-1 · Waiting');
    await chat.answer('resume 1 The headers are there', /SR-1 · In progress.*The headers are there/);
    await chat.answer('resolve 1 Microsoft rolled it back', /SR-1 · Resolved.*Microsoft rolled it back/);
    const ask = await chat.answer('close 1', 'SR-1 · Close');
    await ask.says(`Has ${customer} been told?`);
    await ask.press('Yes, told: close');
    await ask.says('SR-1 · Closed');
    await ask.pressBehind('Full history');
    const told = await (await ask.says('Full history')).content();
    for (const words of ['closed it', 'Microsoft rolled it back', 'The headers are there', 'Litware, for the headers', 'They see it too.', number, 'took it over', 'opened it']) {
      assert.ok(told.includes(words), `${words} is not in the history: ${told}`);
    }
  });
});
