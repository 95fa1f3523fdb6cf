// xero-node's usual reads and writes against a running sandbox, whose first line comes on stdin.
// Run by `make check-clients`; it ends with a line that says so.
const assert = require('assert');
const axios = require('axios');
const { Issuer } = require('openid-client');
const { XeroClient } = require('xero-node');

const at = JSON.parse(require('fs').readFileSync(0, 'utf8').split('\n')[0]).xero;
axios.interceptors.request.use((request) => {
  request.url = request.url.replace(/^https:\/\/(api|identity)\.xero\.com/, at.api_url);
  return request;
});
const callback = 'http://localhost:3000/callback';
const scopes =
  'openid profile email offline_access accounting.invoices accounting.payments accounting.contacts accounting.settings';
const xero = new XeroClient({
  clientId: at.client_id, clientSecret: at.client_secret,
  redirectUris: [callback], scopes: scopes.split(' '), state: 's1',
});

(async () => {
  const issuer = await Issuer.discover(at.identity_url);
  xero.openIdClient = new issuer.Client({
    client_id: at.client_id, client_secret: at.client_secret, redirect_uris: [callback],
  });
  const consent = await axios.get(await xero.buildConsentUrl(), { maxRedirects: 0, validateStatus: null });
  await xero.apiCallback(consent.headers.location);
  const [tenant] = await xero.updateTenants();
  const api = xero.accountingApi;
  const id = tenant.tenantId;
  assert.strictEqual(tenant.orgData.baseCurrency, 'NZD');
  assert((await api.getAccounts(id)).body.accounts.length > 10);
  assert((await api.getTaxRates(id)).body.taxRates.some((rate) => rate.taxType === 'ZERORATED'));
  const contacts = (await api.createContacts(id, { contacts: [{ name: 'Node Ltd' }] })).body.contacts;
  const line = { description: 'Visit', quantity: 3, unitAmount: 120, accountCode: '200' };
  const invoice = {
    type: 'ACCREC', status: 'AUTHORISED', invoiceNumber: 'JS-1', date: '2026-11-20', dueDate: '2026-12-20',
    contact: { contactID: contacts[0].contactID }, lineItems: [line],
  };
  const made = (await api.createInvoices(id, { invoices: [invoice] })).body.invoices[0];
  assert.strictEqual(made.total, 414);
  const read = (await api.getInvoice(id, made.invoiceID)).body.invoices[0];
  assert.strictEqual(read.lineItems.length, 1);
  const page = (await api.getInvoices(id, undefined, 'Status=="AUTHORISED"', 'Date ASC', undefined, undefined,
    undefined, undefined, 1)).body.invoices;
  assert(page.some((row) => row.invoiceNumber === 'JS-1'));
  const payment = { invoice: { invoiceID: made.invoiceID }, account: { code: '090' }, amount: 14, date: '2026-11-21' };
  const paid = (await api.createPayment(id, payment)).body.payments[0];
  const gone = (await api.deletePayment(id, paid.paymentID, { status: 'DELETED' })).body.payments[0];
  assert.strictEqual(gone.status.toString(), 'DELETED');
  await assert.rejects(api.createInvoices(id, { invoices: [invoice] }));
  await xero.refreshToken();
  await xero.disconnect(tenant.id);
  console.log('xero-node: its usual reads and writes are answered as it expects');
})().catch((wrong) => {
  console.error(wrong.response ? wrong.response.body || wrong.response : wrong);
  process.exit(1);
});
