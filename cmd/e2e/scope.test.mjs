// What is beside the two great branches: Dynamics 365, one's own tenant, billing,
// a suspicion of fraud, an indirect provider, and everything that is not for this
// process at all.
import assert from 'node:assert/strict';
import { inPlayground } from './story.mjs';

inPlayground('the other branches', (story) => {
  story('not for this process: each product leads where it belongs, and back', async ({ desk }) => {
    const chat = await desk.personal();
    const form = await chat.answer('new alpine azure C Something is odd', 'Alpine Ski House · Azure');
    await form.fill(/^What happened/, 'Since noon.');
    await form.press('More details');
    for (const [topic, says, back] of [
      ['Marketplace product', 'goes to the publisher', 'It is Microsoft’s own'],
      ['Partner Center itself', 'goes to Partner Center support', 'It is another product'],
      ['On-premises product', 'goes to Support for Business', 'It is a cloud service'],
      ['Vulnerability', 'goes to Microsoft’s security team', 'It is not a vulnerability'],
    ]) {
      await form.choose(/^Topic/, topic);
      await form.press('Next');
      await form.says(says);
      if (topic === 'Vulnerability') assert.equal(await form.opens('Report to Microsoft MSRC'), 'https://msrc.microsoft.com/report');
      await form.press(back);
      await form.says('Step 2 of 3');
    }
    assert.equal(await form.typed(/^What happened/), 'Since noon.', 'what was typed is lost');
    await form.press('Cancel');
    await form.says('Form cancelled');
  });

  story('not for this process: the closed cloud, and a customer who left', async ({ desk }) => {
    const chat = await desk.personal();
    const closed = await chat.answer('new Überlandwerk azure A Alles steht', 'This cloud is closed');
    await closed.says('choose the customer’s new tenant in the global cloud');
    await closed.press('Choose another customer');
    await closed.says('Step 1 of 3');
    await closed.press('Cancel');
    await closed.says('Form cancelled');
    const left = await chat.answer('new dde23e76-7898-4ab9-9e0f-7ceb70e97a42 office365 B Mail', 'This customer has left');
    await left.press('Discard');
    await left.says('Form cancelled');
  });

  story('an indirect provider: asked for access in Azure, with a message ready to send', async ({ desk }) => {
    const chat = await desk.personal();
    const form = await chat.answer('new fabrikam-residences azure C Slow disks', 'Fabrikam Residences · Azure');
    await form.fill(/^What happened/, 'Since noon.');
    await form.choose(/^Azure subscription/, /ea5ee53c/);
    await form.press('Next');
    await form.says('through an indirect provider: Relecloud Distribution');
    assert.match(await form.typed(/message to your provider/), /^Hello Relecloud Distribution, .*ea5ee53c-ac3e-4b5b-8291-77094c1e2603/);
    await form.press('Back');
    await form.says('Step 2 of 3');
    await form.tick('Our provider gave us access');
    await form.press('Next');
    await form.says('Check and submit');
    assert.ok(!(await form.content()).includes('Relecloud'), 'warned of a provider who gave access');
    await form.press('Cancel');
    await form.says('Form cancelled');
  });

  story('Dynamics 365 through to the sheet', async ({ desk }) => {
    const chat = await desk.personal();
    const form = await chat.answer('new northwindtraders.example dynamics C Forms do not load', 'Northwind Traders · Dynamics 365');
    await form.fill(/^What happened/, 'In the sales hub.');
    await form.press('More details');
    await form.choose(/^Topic/, 'Dynamics 365 customer engagement');
    await form.press('Next');
    await form.says('Dynamics 365 needs an Advanced Support for Partners agreement or higher');
    await form.press('Submit');
    await form.says('SR-1 · Open');
    await form.press('Take over');
    await form.says('Ines Kowal (you)');
    await form.press('File with Microsoft');
    await form.says('File it with Microsoft');
    assert.equal(await form.opens('Open in Power Platform'),
      'https://admin.powerplatform.microsoft.com/account/login/f454cb05-8a56-4913-b2f8-75a64323591e');
    assert.deepEqual((await form.sheet()).slice(0, 3), ['Topic: Dynamics 365 customer engagement',
      'Problem type: Down / Performance / Data; More…: Customization', 'Title: Forms do not load']);
  });

  story('one’s own tenant: a plan of one’s own, masked from then on, and the bare portal', async ({ desk }) => {
    const chat = await desk.personal();
    const form = await chat.answer('new', 'Step 1 of 3');
    await form.search('Customer', 'your', /Your own tenant/);
    await form.choose('Platform', 'Azure');
    await form.pick(/^C/);
    await form.press('Next');
    await form.says('Step 2 of 3');
    await form.fill(/^Title/, 'Our own VMs');
    await form.fill(/^What happened/, 'Since noon.');
    await form.fill(/^Azure subscription/, '906d29ff-ee8e-42aa-a8e7-1c56221031ef');
    await form.fill(/^Support plan or contract ID/, 'Cloud Solution Provider');
    await form.press('Next');
    await form.says('the Cloud Solution Provider plan covers customers only');
    await form.choose(/^Kind of support plan/, 'Premier');
    await form.fill(/^Support plan or contract ID/, '0011223344');
    await form.press('Next');
    await form.says('Premier ••••3344');
    await form.press('Submit');
    await form.says('SR-2 · Open');
    await form.press('Take over');
    await form.says('Ines Kowal (you)');
    await form.press('File with Microsoft');
    await form.says('It is your own subscription');
    assert.equal(await form.opens('Open Azure portal'), 'https://portal.azure.com/#view/Microsoft_Azure_Support/NewSupportRequestV3Blade');
    const sheet = (await form.sheet()).join('\n');
    assert.ok(!sheet.includes('Cloud Solution Provider') && sheet.includes('Support plan: Premier ••••3344'), sheet);
  });

  story('billing has no severity, and a business day', async ({ desk }) => {
    const chat = await desk.personal();
    const form = await chat.answer('new tailspin azure', 'Step 1 of 3');
    await form.choose('Kind', 'Billing');
    await form.press('Next');
    await form.says('Tailspin Toys · Azure · not critical');
    await form.fill(/^Title/, 'Charged twice');
    await form.fill(/^What happened/, 'In October.');
    await form.choose(/^Azure subscription/, /bd929b4d/);
    await form.press('Next');
    await form.says('up to 1 business day');
    await form.press('Cancel');
    await form.says('Form cancelled');
  });

  story('a suspicion of fraud shows nothing of itself in the channel', async ({ desk }) => {
    const channel = await desk.channel();
    await channel.say('new wingtip office365');
    const thread = await channel.thread('new wingtip');
    const form = await thread.card('Step 1 of 3');
    await form.choose('Kind', 'Fraud');
    await form.press('Next');
    await form.says('Step 2 of 3');
    await form.fill(/^Title/, 'Strange orders');
    await form.fill(/^What happened/, 'Somebody buys in their name.');
    await form.press('Next');
    await form.says('Keep payment data out of the text');
    await form.press('Submit');
    await form.says('SR-3 · Open');
    // Here everybody's card and her own view take turns in one place. What she types now changes everybody's once more.
    await thread.answer('take 3', 'Strange orders');
    await form.says('Details go to the people of this request.');
    const shown = await form.content();
    assert.ok(shown.startsWith('SR-3 · Open') && !/Strange|Wingtip|Somebody/.test(shown), shown);
  });
});
