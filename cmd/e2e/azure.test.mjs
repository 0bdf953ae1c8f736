// The Azure branch from "new" to closed: who files what, the sheet for the Azure
// portal, the page in the customer's context, Microsoft's number, and the request's
// life after that. Each story goes on where the last one ended.
import assert from 'node:assert/strict';
import { inPlayground } from './story.mjs';

const customer = 'Fabrikam, Inc.';
const subscription = '3648245e-dafa-4a38-bf00-6745f3194a3b';
const number = '2611230010000417';

inPlayground('the Azure branch', (story) => {
  story('who: a customer from the list, and a severity from three questions', async ({ desk }) => {
    const chat = await desk.personal();
    const form = await (await chat.card('New request')).press('New request');
    await form.says('Step 1 of 3');
    await form.search('Customer', 'fabrikam', /obhfabrikam\.onmicrosoft/);
    await form.choose('Platform', 'Azure');
    await form.press('Not sure? 3 questions');
    await form.says('How bad is it?');
    await form.pick('Partly affected');
    await form.press('Propose severity');
    await form.says('2 fields need a change');
    await form.pick('Moderate');
    await form.pick('With a workaround');
    await form.press('Propose severity');
    await form.says('From your answers: B · Moderate');
    assert.ok(await form.picked(/^B/), 'the proposal is not chosen');
    await form.press('Next');
    await form.says(`${customer} · Azure · severity B`);
  });

  story('what: a mistake on the way, a step back, a subscription of the record', async ({ desk }) => {
    const chat = await desk.personal();
    const form = await chat.card('Step 2 of 3');
    await form.fill(/^Title/, 'VMs do not start');
    await form.fill(/^What happened/, 'AllocationFailed since 8:40\nPassword: hunter2hunter2');
    assert.deepEqual(await form.options(/^Azure subscription/), [
      'Azure plan · 381e53e7-952c-466e-873a-17978df08078', `Azure plan · ${subscription}`]);
    await form.choose(/^Azure subscription/, /3648245e/);
    await form.press('Next');
    await form.says('line 2 looks like a password');
    await form.press('Back');
    await form.says('Step 1 of 3');
    await form.press('Next');
    await form.says('Step 2 of 3');
    assert.equal(await form.typed(/^Title/), 'VMs do not start', 'what was typed is lost on the way back');
    await form.fill(/^What happened/, 'AllocationFailed since 8:40');
    await form.press('More details');
    await form.choose(/^Topic/, 'Virtual Machines');
    await form.press('Next');
    await form.says('Check and submit');
  });

  story('contact: never the customer’s, then one’s own', async ({ desk }) => {
    const chat = await desk.personal();
    const form = await chat.card('Check and submit');
    await form.pressBehind('Change contact');
    await form.says('Whom does Microsoft write to?');
    await form.fill(/^E-mail/, 'ann@mail.fabrikam.example');
    await form.press('Next');
    await form.says('fabrikam.example belongs to Fabrikam, Inc. Microsoft writes to your own company');
    await form.fill(/^E-mail/, 'ines.kowal@nordwind.example');
    await form.press('Next');
    await form.says('Check and submit');
  });

  story('review: warned of what is missing, and submitted all the same', async ({ desk }) => {
    const chat = await desk.personal();
    const form = await chat.card('Check and submit');
    await form.says('Left empty: What you tried; Why does it go to Microsoft; Service health checked. Microsoft may ask for it.');
    await form.press('Back');
    assert.equal(await form.opens('Open service health'),
      'https://portal.azure.com/obhfabrikam.onmicrosoft.com#view/Microsoft_Azure_Health/AzureHealthBrowseBlade/~/serviceIssues');
    await form.press('Next');
    await form.press('Submit');
    await form.says('SR-1 · Open');
    await form.says('Virtual Machines');
  });

  story('the sheet: the portal of the customer, its fields in its order', async ({ desk }) => {
    const chat = await desk.personal();
    const card = await chat.card('SR-1 · Open');
    await card.press('Take over');
    await card.says('Ines Kowal (you)');
    await card.press('File with Microsoft');
    await card.says('File it with Microsoft');
    await card.says(`Check that the directory at top right shows ${customer} (obhfabrikam.onmicrosoft.com)`);
    assert.equal(await card.opens(`Open Azure portal as ${customer}`),
      'https://portal.azure.com/obhfabrikam.onmicrosoft.com#view/Microsoft_Azure_Support/NewSupportRequestV3Blade');
    assert.deepEqual(await card.sheet(), [
      'Issue type: Technical', `Subscription: ${subscription}`, 'Service: Virtual Machines',
      'Problem type: Connectivity / Start or stop / Performance / Deployment; More…: Backup / Extensions', 'Summary: VMs do not start', 'Support plan: Cloud Solution Provider',
      'Description: AllocationFailed since 8:40\nOur reference: SR-1', 'Severity: B - Moderate impact', 'Contact method: E-mail',
      'Contact name: Ines Kowal', 'E-mail (yours, never the customer’s): ines.kowal@nordwind.example', 'Support language: English']);
  });

  story('Microsoft’s number: a wrong shape, the right one, and one that another request has', async ({ desk }) => {
    const chat = await desk.personal();
    const sheet = await chat.card('File it with Microsoft');
    await sheet.fill(/case number/, 'SR 12-34');
    await sheet.press('Save number');
    await sheet.says('a Microsoft case number has');
    assert.equal(await sheet.typed(/case number/), 'SR 12-34');
    await sheet.tick('In the portal the support plan is Cloud Solution Provider');
    await sheet.fill(/case number/, number);
    await sheet.press('Save number');
    await sheet.says('SR-1 · Filed');
    await sheet.says(number);
    assert.equal(await sheet.opens('Open in Azure portal'),
      'https://portal.azure.com/obhfabrikam.onmicrosoft.com#blade/Microsoft_Azure_Support/HelpAndSupportBlade/managesupportrequest');

    const other = await chat.answer('new alpine azure C Disks are slow', 'Alpine Ski House · Azure');
    await other.fill(/^What happened/, 'Since noon.');
    await other.choose(/^Azure subscription/, /37277581/);
    await other.press('Next');
    await other.press('Submit');
    await other.says('SR-2 · Open');
    await chat.answer('take 2', /SR-2 · Open.*Assigned to ?Ines Kowal/);
    await (await chat.answer(`file 2 ${number}`, 'SR-2 · Filed')).says('This number is on SR-1 too. Check that it is the right one.');
  });

  story('answered, waiting, going on, resolved, closed: and all of it in the history', async ({ desk }) => {
    const chat = await desk.personal();
    const card = await chat.answer('status 1', 'SR-1 · Filed');
    await card.press('Microsoft answered');
    await card.fill(/^What did Microsoft answer/, 'They ask for a trace.');
    await card.press('Note the answer');
    await card.says('SR-1 · In progress');
    await card.press('Wait');
    await card.pick('The customer');
    await card.fill(/^What for/, 'Fabrikam, for the trace');
    await card.press('Set to waiting');
    await card.says('SR-1 · Waiting');
    await card.press('Customer answered');
    await card.fill(/^What did they say/, 'The trace is uploaded');
    await card.press('Go on working');
    await card.says('SR-1 · In progress');
    await card.press('Resolve');
    await card.fill(/^What solved it/, 'Capacity was added');
    await card.press('Mark as resolved');
    await card.says(`Has ${customer} been told?`);
    await card.press('Yes, told: close');
    await card.says('SR-1 · Closed');
    await card.pressBehind('Full history');
    await card.says('Full history');
    const told = await card.content();
    const order = ['closed it', 'Capacity was added', 'The trace is uploaded', 'Fabrikam, for the trace', 'They ask for a trace.', `filed it with Microsoft as ${number}`, 'took it over', 'opened it'];
    assert.deepEqual(order.map((words) => told.indexOf(words)).filter((at, i, all) => at < 0 || (i > 0 && at < all[i - 1])), [], told);
  });
});
